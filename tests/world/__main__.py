"""Starts the outside world in the present network namespace: `python3 -m world`, or the file `run`."""

from __future__ import annotations

import argparse
import asyncio
import functools
import signal
import subprocess
from pathlib import Path

from . import events, names, pki
from .ably_service import AblyService
from .server import Outside, Resolver, listen, serve_forbidden, server_context

CATCH_ALL_PORT = 9


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="world", description=__doc__)
    parser.add_argument(
        "--network", default="198.51.100", help="first three numbers of the network (default: %(default)s)"
    )
    parser.add_argument("--pki", type=Path, default=Path("/opt/lab/pki"), help="folder with the certificates")
    parser.add_argument("--log", type=Path, default=Path("/var/log/lab-world/events.jsonl"), help="file for the events")
    parser.add_argument("--ready", type=Path, help="file to create when every socket listens")
    parser.add_argument("--no-redirect", action="store_true", help="do not send unknown TCP to the catch-all listener")
    return parser.parse_args()


def redirect_everything_else(network: str) -> None:
    """Send TCP to addresses and ports that no service has to the catch-all listener, in this namespace only."""
    # A machine's own namespace has no name (`ip netns`), and there the rules would catch what comes in from outside.
    present = Path("/proc/self/ns/net").stat().st_ino
    if all(named.stat().st_ino != present for named in Path("/run/netns").glob("*")):
        raise SystemExit("world: not in a named network namespace; use `ip netns exec NAME`, or --no-redirect")
    rules = Path(__file__).with_name("catch_all.nft").read_text(encoding="utf-8")
    subprocess.run(("nft", "-f", "-"), input=rules.replace("198.51.100", network), text=True, check=True)


async def serve(arguments: argparse.Namespace) -> None:
    """Open every socket, then serve until SIGTERM or SIGINT."""
    network, folder = arguments.network, arguments.pki
    log = events.open_event_log(arguments.log)
    zone = names.lab_zone(ably=f"{network}.10", forbidden=f"{network}.20", host=f"{network}.1")
    outside, resolver = Outside(log), Resolver(zone, log)
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: resolver, local_addr=(f"{network}.53", 53))
    await asyncio.start_server(resolver.serve_tcp, f"{network}.53", 53)
    ably, forbidden = server_context(folder, "ably"), server_context(folder, "forbidden")
    services = [
        outside.accept("ably", listen(f"{network}.10", 443), ably, AblyService(log).serve),
        outside.accept("forbidden", listen(f"{network}.20", 443), forbidden, functools.partial(serve_forbidden, log)),
        outside.catch(listen("0.0.0.0", CATCH_ALL_PORT)),
    ]
    running = [asyncio.create_task(service) for service in services]
    stop = asyncio.create_task(_until_signal(loop))
    log.write("world", "ready")
    if arguments.ready:
        arguments.ready.touch()
    done, _unused = await asyncio.wait([*running, stop], return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
    log.write("world", "stopped")


async def _until_signal(loop: asyncio.AbstractEventLoop) -> None:
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    await asked.wait()


def main() -> None:
    arguments = parse_arguments()
    pki.ensure(arguments.pki)
    if not arguments.no_redirect:
        redirect_everything_else(arguments.network)
    asyncio.run(serve(arguments))


if __name__ == "__main__":
    main()
