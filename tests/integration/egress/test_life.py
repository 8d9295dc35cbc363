"""The filter and the daemons over time: loaded again, wiped, started before there is a network."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.policy import BRIDGE, TABLE, render_fragment
from ansible_collections.ably.sandbox.plugins.module_utils._formats.nftables import find_tables, parse_table_name
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.nft_table import list_elsewhere
from ansible_collections.ably.sandbox.tests.integration.egress.conftest import make_open_folder, wait_until_ready
from ansible_collections.ably.sandbox.tests.integration.egress.world import (
    ALLOWED,
    GATEWAY,
    World,
    adapt_filter,
    join_lines,
    keep_neighbours,
    run,
    start_dns,
    start_proxy,
)
from ansible_collections.ably.sandbox.tests.role_templates import render_filter, render_tables

# Ports with addresses of their own: something that a name server looks at.
SESSIONS_COME = "".join(
    f"link add ablyp{n} type veth peer ablyq{n}\naddress add 2001:db8::{n}/128 dev ablyp{n} nodad\n" for n in range(100)
)
SESSIONS_GO = "".join(f"link delete ablyp{n}\n" for n in range(100))


def list_table(world: World, name: str) -> str:
    return world.inside("host", "nft", "-s", "-t", "list", "table", *name.split()).stdout


def measure(text: str) -> str:
    """As the module does it, before anything is changed."""
    (table,) = find_tables(text)
    return list_elsewhere(parse_table_name(table), text, "--terse")


def adapted_tables(world: World) -> dict[str, str]:
    return {name: adapt_filter(text) for name, text in render_tables(world.policy).items()}


def test_a_listing_stays_the_same_while_traffic_flows(world: World) -> None:
    measured = {name: measure(text) for name, text in adapted_tables(world).items()}
    assert measured == {name: list_table(world, name) for name in measured}
    world.attack("s1", "tls", GATEWAY, "443", "rest.ably.io")
    world.attack("s1", "dns", GATEWAY, "rest.ably.io", "1", "200")
    world.attack("s1", "tcp", ALLOWED, "22")
    assert "10.213.0.2" in world.inside("host", "nft", "list", "table", "inet", TABLE).stdout
    assert measured == {name: list_table(world, name) for name in measured}
    world.load_filter()
    assert measured == {name: list_table(world, name) for name in measured}


def test_a_listing_loads_as_the_same_table(world: World) -> None:
    """The engine restores and compares tables by their listing."""
    for text in adapted_tables(world).values():
        listing = measure(text)
        assert measure(listing) == listing


def test_a_listing_shows_every_rule(world: World) -> None:
    """`-t` hides the contents of named sets; none of ours may decide anything."""
    for text in map(join_lines, adapted_tables(world).values()):
        lines = [line for line in text.splitlines() if "goto" in line or "drop" in line.split()]
        assert len(lines) > 5
        for line in lines:
            assert measure(text.replace(line + "\n", "", 1)) != measure(text), line


def test_a_listing_shows_every_refused_network(world: World) -> None:
    text = adapted_tables(world)[f"inet {TABLE}"]
    for network in world.policy.refused:
        shorter = text.replace(f"{network}, ", "", 1).replace(f", {network} }}", " }", 1)
        assert measure(shorter) != measure(text), network


def test_other_tables_are_left_alone(world: World) -> None:
    world.inside(
        "host", "nft", "add table ip filter; add chain ip filter DOCKER-USER; add rule ip filter DOCKER-USER counter"
    )
    before = world.inside("host", "nft", "-s", "list", "table", "ip", "filter").stdout
    world.load_filter()
    assert world.inside("host", "nft", "-s", "list", "table", "ip", "filter").stdout == before
    world.inside("host", "nft", "delete table ip filter")


def test_loading_again_leaves_connections_alone(world: World) -> None:
    hold = (
        "import socket,ssl,sys,time;c=ssl._create_unverified_context();"
        f"s=c.wrap_socket(socket.create_connection(('{GATEWAY}',443),3),server_hostname='rest.ably.io');"
        "print('open',flush=True);sys.stdin.readline();s.send(b'GET x');print(s.recv(99).decode(),flush=True)"
    )
    command = ("ip", "netns", "exec", f"{world.prefix}s1", sys.executable, "-c", hold)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == "open\n"
        for _unused in range(3):
            world.load_filter()
        out, _unused = client.communicate("go\n", timeout=10)
    assert out == f"reached {ALLOWED} GET\n"


@contextmanager
def run_watch(world: World) -> Iterator[Path]:
    """The real watcher in the host's namespace, with a fragment and a filter file of its own."""
    text = adapt_filter(render_filter(world.policy))
    filter_file, fragment = world.scratch / "filter.nft", world.scratch / "12-network.json"
    filter_file.write_text(text)
    tables = adapted_tables(world).items()
    digests = {name.split()[0]: hashlib.sha256(measure(table).encode()).hexdigest() for name, table in tables}
    (world.scratch / "watch.log").write_bytes(b"")
    fragment.write_text(render_fragment(world.policy, digests))
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]);"
        "from ansible_collections.ably.sandbox.plugins.module_utils._agent.filter_watch import watch;"
        "watch(Path(sys.argv[2]), sys.argv[3])"
    )
    place = next(path for path in sys.path if Path(path, "ansible_collections").is_dir())
    watcher = world.start("host", "watch", sys.executable, "-c", code, place, str(fragment), str(filter_file))
    try:
        time.sleep(1)
        yield filter_file
    finally:
        watcher.terminate()
        watcher.wait()


def seconds_until_back(world: World, most: float = 8) -> float:
    """How long the rules for packets to the host are not there."""
    start = time.monotonic()
    while time.monotonic() - start < most:
        found = world.inside("host", "nft", "list", "chain", "inet", TABLE, "input_from_session", check=False)
        if found.returncode == 0:
            return time.monotonic() - start
    raise AssertionError(world.log("watch"))


def test_a_wiped_filter_is_back_at_once(world: World) -> None:
    expected = list_table(world, f"inet {TABLE}")
    with run_watch(world):
        for wipe in (
            "flush ruleset",
            f"delete table inet {TABLE}",
            f"flush table inet {TABLE}",
            f"delete table bridge {TABLE}",
        ):
            world.inside("host", "nft", *wipe.split())
            assert seconds_until_back(world) < 1
            time.sleep(0.3)
            assert list_table(world, f"inet {TABLE}") == expected
            assert "drop_peer" in list_table(world, f"bridge {TABLE}")
            assert "error" in world.attack("s1", "tcp", GATEWAY, "22")


def test_an_edited_filter_is_mended(world: World) -> None:
    expected = list_table(world, f"inet {TABLE}")
    with run_watch(world):
        world.inside("host", "nft", "insert", "rule", "inet", TABLE, "input_from_session", "accept")
        time.sleep(1)
        assert list_table(world, f"inet {TABLE}") == expected
        assert "error" in world.attack("s1", "tcp", GATEWAY, "22")


def test_a_busy_ruleset_of_others_is_no_reason_to_load(world: World) -> None:
    with run_watch(world):
        rules = "\n".join(f"add rule ip busy c ip saddr 10.9.8.{n} accept" for n in range(250))
        world.inside(
            "host", "nft", "-f", "-", text=f"add table ip busy\nadd chain ip busy c\n{rules}\ndelete table ip busy\n"
        )
        time.sleep(1)
        assert world.log("watch") == ""


def test_the_watch_does_not_complain_about_a_converge_under_way(world: World) -> None:
    """Filter file and table are new, the fragment follows a moment later."""
    with run_watch(world) as filter_file:
        fragment = world.scratch / "12-network.json"
        after, before = fragment.read_text(), fragment.read_text().replace('"sha256": "', '"sha256": "0')
        fragment.write_text(before)
        world.inside("host", "nft", "-f", str(filter_file))
        time.sleep(0.5)
        fragment.write_text(after)
        time.sleep(2.5)
        assert "<3>" not in world.log("watch")


def test_the_watch_waits_for_the_first_converge(world: World) -> None:
    with run_watch(world):
        (world.scratch / "12-network.json").unlink()
        world.load_filter()
        time.sleep(0.5)
        assert world.log("watch") == ""


def test_the_watch_says_what_keeps_it_from_mending(world: World) -> None:
    with run_watch(world) as filter_file:
        filter_file.write_text("not nft")
        world.inside("host", "nft", "delete", "table", "inet", TABLE)
        time.sleep(1)
        assert "could not be loaded" in world.log("watch")
    world.load_filter()


@pytest.fixture
def early() -> Iterator[World]:
    """A host that has the filter, but no bridge yet."""
    with make_open_folder() as folder:
        early = World(f"ably{os.getpid()}e", folder)
        run("ip", "netns", "add", f"{early.prefix}host")
        early.inside("host", "ip", "link", "set", "lo", "up")
        early.load_filter()
        yield early
        run("ip", "netns", "delete", f"{early.prefix}host")


def is_listening(world: World) -> bool:
    listening = world.inside("host", "ss", "-Hlntu").stdout
    return f"{GATEWAY}:53" in listening and f"{GATEWAY}:443" in listening


def test_the_gateway_starts_before_the_address_is_there(early: World) -> None:
    """As at boot, when Docker takes its time: the proxy waits, the name server ends and its unit starts it again."""
    with ExitStack() as stack:
        proxy = start_proxy(early)
        stack.callback(proxy.wait)
        stack.callback(proxy.terminate)
        assert start_dns(early).wait(10) != 0
        assert "Cannot assign requested address" in early.log("dns")
        for command in (
            f"link add {BRIDGE} type bridge",
            f"address add {GATEWAY}/24 dev {BRIDGE}",
            f"link set {BRIDGE} up",
        ):
            early.inside("host", "ip", *command.split())
        dns = start_dns(early)
        stack.callback(dns.wait)
        stack.callback(dns.terminate)
        deadline = time.monotonic() + 10
        while not is_listening(early):
            assert time.monotonic() < deadline, early.log("dns") + early.log("proxy")
            time.sleep(0.2)
        assert (dns.poll(), proxy.poll()) == (None, None)


def test_a_network_that_comes_back_is_served_again(world: World) -> None:
    world.inside("host", "ip", "address", "delete", f"{GATEWAY}/24", "dev", BRIDGE)
    assert "error" in world.attack("s1", "tls", GATEWAY, "443", "rest.ably.io", "1")
    world.inside("host", "ip", "address", "add", f"{GATEWAY}/24", "dev", BRIDGE)
    # With its last address an interface loses its neighbours; sessions that are opened from now on are told again.
    assert "error" in world.attack("s1", "tls", GATEWAY, "443", "rest.ably.io", "1")
    keep_neighbours(world)
    wait_until_ready(world)


def test_the_name_server_outlives_the_ports_of_sessions_that_end(world: World) -> None:
    """Interfaces that go while it looks at them are no reason to close what it listens on, even for a moment."""

    def sockets() -> str:
        return " ".join(re.findall(r"ino:\d+", world.inside("host", "ss", "-Hlntue", "src", f"{GATEWAY}:53").stdout))

    before = sockets()
    assert before.count("ino:") == 2
    for _unused in range(5):
        world.inside("host", "ip", "-batch", "-", text=SESSIONS_COME + SESSIONS_GO)
    assert sockets() == before, world.log("dns")
    assert world.attack("s1", "dns", GATEWAY, "rest.ably.io", "1")["result"]["answered"]


def test_the_daemons_hold_one_capability(world: World) -> None:
    """Checked on the running ones, so that these tests prove something about the units' privileges."""
    pids = run("ip", "netns", "pids", f"{world.prefix}host").stdout.split()
    found = {}
    for pid in pids:
        path = Path(f"/proc/{pid}/status")
        if not path.exists():
            continue
        status = dict(line.split(":\t", 1) for line in path.read_text().splitlines() if ":\t" in line)
        if status["Name"] in {"dnsmasq", "haproxy"}:
            found[status["Name"]] = int(status["CapBnd"], 16)
    assert json.dumps(found, sort_keys=True) == json.dumps({"dnsmasq": 1 << 10, "haproxy": 1 << 10})
