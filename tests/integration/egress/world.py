"""Four network namespaces: a host with the session bridge, two sessions on it, and the world outside.

The real nft, dnsmasq and HAProxy run in them with the rendered files and the privileges that their units give them.
A session here has what a real one lacks: a default route, IPv6 and every capability. What stops it is the gateway.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.link import BRIDGE_MAC, links_of
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.policy import EgressPolicy, parse_policy
from ansible_collections.ably.sandbox.plugins.module_utils._controls.names import BRIDGE
from ansible_collections.ably.sandbox.tests.role_templates import render_dns, render_filter, render_proxy

HERE = Path(__file__).resolve().parent
GATEWAY = "10.213.0.1"
LINKS = links_of(2, IPv4Network("10.213.0.0/24"), IPv4Address(GATEWAY))
SESSIONS = tuple(str(link.address) for link in LINKS)
HOST_OUTSIDE, DNS, ALLOWED, FORBIDDEN, ROUTER = (f"198.51.100.{n}" for n in (1, 53, 10, 20, 99))
INSIDE = "10.99.0.10"
MACS = {"bridge": BRIDGE_MAC, "s1": LINKS[0].mac, "s2": LINKS[1].mac}
PORTS = tuple(link.port for link in LINKS)
DNS_UID = 61500

PARAMETERS: Mapping[str, Any] = {
    "allowed_names": ["*.ably.io", "*.ably.net", "only.ably.com"],
    "subnet": "10.213.0.0/24",
    "gateway": GATEWAY,
    "sessions": 16,
    "connections": 8,
    "connection_rate": 100,
    "dns_rate": 20,
    "idle_timeout": 600,
    "proxy_uid": 60599,
    "refused_networks": [],
    "resolvers": [DNS],
}
# What the outside's name server says. The later ones are what a hostile or broken zone could say.
ZONE = {
    "rest.ably.io": ALLOWED,
    "main.realtime.ably.net": ALLOWED,
    "only.ably.com": ALLOWED,
    "evilably.io": FORBIDDEN,
    "ably.io.evil.com": FORBIDDEN,
    "www.example.com": FORBIDDEN,
    "inside.ably.io": INSIDE,
    "loop.ably.io": "127.0.0.1",
    "self.ably.io": HOST_OUTSIDE,
    "gateway.ably.io": GATEWAY,
    "metadata.ably.io": "169.254.169.254",
    "mapped.ably.io": "::ffff:10.99.0.10",
    "six.ably.io": "2001:db8::10",
}


def run(*command: str, check: bool = True, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=check, input=text, capture_output=True, text=True, timeout=60)


def join_lines(text: str) -> str:
    """The filter with each of its rules on one line."""
    return re.sub(r"!= \{\n(.*?)\n\t*\}", lambda links: f"!= {{ {' '.join(links[1].split())} }}", text, flags=re.DOTALL)


def adapt_filter(text: str) -> str:
    """This machine's kernel may lack `meta ibrname` and `obrname` (CONFIG_NFT_BRIDGE_META); here ports say the same."""
    if run("unshare", "--net", "nft", "-c", "-f", "-", text=text, check=False).returncode == 0:
        return text
    ports = ", ".join(f'"{port}"' for port in PORTS)
    for direction in "io":
        text = text.replace(f'meta {direction}brname "{BRIDGE}"', f"{direction}ifname {{ {ports} }}")
    return text


@dataclass
class World:
    """The namespaces by role, and what can be done in them."""

    prefix: str
    scratch: Path
    policy: EgressPolicy = field(default_factory=lambda: parse_policy(PARAMETERS))

    def inside(self, role: str, *command: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return run("ip", "netns", "exec", self.prefix + role, *command, **options)

    def start(self, role: str, name: str, *command: str) -> subprocess.Popen[bytes]:
        with (self.scratch / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                ("ip", "netns", "exec", self.prefix + role, *command),
                stdout=log,
                stderr=subprocess.STDOUT,
                # As systemd starts it. The checkout may be where only its owner can go.
                cwd="/",
            )

    def attack(self, role: str, attack: str, *arguments: str) -> dict[str, Any]:
        out = self.inside(role, sys.executable, str(HERE / "attacker.py"), attack, *arguments).stdout
        answer: dict[str, Any] = json.loads(out)
        return answer

    def load_filter(self, text: str | None = None) -> None:
        self.inside("host", "nft", "-f", "-", text=adapt_filter(text or render_filter(self.policy)))

    def counters(self, family: str = "inet") -> dict[str, int]:
        out = self.inside("host", "nft", "-j", "list", "counters", "table", family, "ably_sandbox").stdout
        items = (item["counter"] for item in json.loads(out)["nftables"] if "counter" in item)
        return {item["name"]: item["packets"] for item in items}

    def packets_outside(self) -> int:
        """Frames that have come out of the host, of whatever kind."""
        out = self.inside("outside", "ip", "-s", "-j", "link", "show", "dev", "eth0").stdout
        return int(json.loads(out)[0]["stats64"]["rx"]["packets"])

    def packets_at(self, role: str) -> int:
        """Frames that a session was handed by the other one."""
        out = self.inside(role, "nft", "-j", "list", "counter", "netdev", "watch", "foreign").stdout
        return next(int(item["counter"]["packets"]) for item in json.loads(out)["nftables"] if "counter" in item)

    def pass_bridged_to_ip(self, flag: int) -> None:
        """As on a host with br_netfilter (which Docker loads), or without it."""
        switches = (f"net.bridge.bridge-nf-call-{name}={flag}" for name in ("iptables", "ip6tables", "arptables"))
        self.inside("host", "sysctl", "-qw", *switches)

    def log(self, name: str) -> str:
        return (self.scratch / f"{name}.log").read_text(errors="replace")

    def proxy_said(self, word: str, seconds: float = 3) -> str:
        """The last line of the proxy with `word` in it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            lines = [line for line in self.log("proxy").splitlines() if word in line]
            if lines:
                return lines[-1]
            time.sleep(0.05)
        raise AssertionError(f"no line with {word!r}:\n{self.log('proxy')}")


def _connect(world: World, role: str, address: str, port: str, host_commands: tuple[str, ...]) -> None:
    """A wire from the host's `port` to `eth0` of the role's namespace."""
    name = world.prefix + role
    run(
        "ip", "link", "add", port, "netns", f"{world.prefix}host", "type", "veth", "peer", "name", "eth0", "netns", name
    )
    for command in (f"link set {port} up", *host_commands):
        world.inside("host", "ip", *command.split())
    mac = f"link set eth0 address {MACS[role]}" if role in MACS else "link set eth0 up"
    for command in ("link set lo up", mac, f"address add {address} dev eth0", "link set eth0 up"):
        world.inside(role, "ip", *command.split())


def keep_neighbours(world: World) -> None:
    """The host is told where its sessions are, as the agent does it."""
    for number, role in enumerate(("s1", "s2")):
        world.inside("host", "ip", "neighbor", "replace", SESSIONS[number], "lladdr", MACS[role], "dev", BRIDGE)


def _build_bridge(world: World) -> None:
    for command in (
        "link set lo up",
        f"link add {BRIDGE} address {MACS['bridge']} type bridge",
        f"address add {GATEWAY}/24 dev {BRIDGE}",
        f"address add 2001:db8:1::1/64 dev {BRIDGE} nodad",
        f"link set {BRIDGE} up",
    ):
        world.inside("host", "ip", *command.split())
    for number, role in enumerate(("s1", "s2")):
        port = PORTS[number]
        _connect(world, role, f"{SESSIONS[number]}/24", port, (f"link set {port} master {BRIDGE}",))
        world.inside(role, "ip", "route", "add", "default", "via", GATEWAY)
        # Learned by hand, so that no test depends on what ARP another one has caused.
        world.inside(role, "ip", "neighbor", "replace", GATEWAY, "lladdr", MACS["bridge"], "dev", "eth0")
        hook, others = "type filter hook ingress device eth0 priority 0", f"{{ {MACS['s1']}, {MACS['s2']} }}"
        rule = f"{hook}; ether saddr {others} counter name foreign"
        world.inside(role, "nft", f"table netdev watch {{ counter foreign {{ }}; chain c {{ {rule}; }}; }}")
    keep_neighbours(world)
    for role, other in (("s1", 1), ("s2", 0)):
        world.inside(role, "ip", "neighbor", "replace", SESSIONS[other], "lladdr", MACS[f"s{other + 1}"], "dev", "eth0")


def _build_outside(world: World) -> None:
    _connect(world, "outside", f"{DNS}/24", "out0", (f"address add {HOST_OUTSIDE}/24 dev out0",))
    for address in (ALLOWED, FORBIDDEN, ROUTER, INSIDE, "169.254.169.254"):
        world.inside("outside", "ip", "address", "add", f"{address}/32", "dev", "eth0")
    mac = json.loads(world.inside("outside", "ip", "-j", "link", "show", "dev", "eth0").stdout)[0]["address"]
    for address in (DNS, ALLOWED, FORBIDDEN, ROUTER):
        world.inside("host", "ip", "neighbor", "replace", address, "lladdr", mac, "dev", "out0")
    world.inside("host", "ip", "route", "add", "default", "via", ROUTER)
    # As on a host with Docker, which forwards. IPv6 is off only where its own chatter would be counted.
    world.inside("host", "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.out0.disable_ipv6=1")
    world.inside("outside", "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
    # Answers of the outside to a session's own address would need this; without it a leak would be half as visible.
    world.inside("outside", "ip", "route", "add", "10.213.0.0/24", "via", HOST_OUTSIDE)


def _make_certificate(path: Path) -> None:
    request = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test"
    run(*request.split(), "-keyout", str(path), "-out", f"{path}.crt")
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())


def _as_unit(uid: int) -> tuple[str, ...]:
    """The privileges that the units leave: one capability, no way to more."""
    capability = "-all,+net_bind_service"
    ids = (f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--no-new-privs")
    return ("setpriv", *ids, f"--inh-caps={capability}", f"--ambient-caps={capability}", f"--bounding-set={capability}")


def _start_outside(world: World) -> Iterator[subprocess.Popen[bytes]]:
    certificate = world.scratch / "certificate.pem"
    _make_certificate(certificate)
    places = (ALLOWED, FORBIDDEN, INSIDE, ROUTER, "169.254.169.254")
    yield world.start("outside", "outside", sys.executable, str(HERE / "outside.py"), str(certificate), *places)
    records = [f"--host-record={name},{address}" for name, address in ZONE.items()]
    fixed = (
        "dnsmasq",
        "-k",
        "-C",
        "/dev/null",
        "--no-resolv",
        "--no-hosts",
        "--log-queries",
        "--log-facility=-",
        "--pid-file=",
    )
    yield world.start(
        "outside",
        "zone",
        *fixed,
        "--user=root",
        "--local=/#/",
        f"--listen-address={DNS}",
        "--bind-interfaces",
        *records,
    )


def start_dns(world: World) -> subprocess.Popen[bytes]:
    config = world.scratch / "dnsmasq.conf"
    config.write_text(render_dns(world.policy))
    command = ("dnsmasq", "--keep-in-foreground", "--pid-file=", "-C", str(config))
    return world.start("host", "dns", *_as_unit(DNS_UID), *command)


def start_proxy(world: World) -> subprocess.Popen[bytes]:
    config = world.scratch / "haproxy.cfg"
    config.write_text(render_proxy(world.policy))
    command = ("haproxy", "-W", "-f", str(config))
    return world.start("host", "proxy", *_as_unit(world.policy.proxy_uid), *command)


def _start_host_services(world: World) -> Iterator[subprocess.Popen[bytes]]:
    yield start_dns(world)
    yield start_proxy(world)
    # A careless service of the host, on every address and on loopback's 443 (where a rebound name would lead).
    echo = (
        "import socketserver as s;s.ThreadingTCPServer.allow_reuse_address=True;"
        "s.ThreadingTCPServer(('0.0.0.0',22),s.BaseRequestHandler).serve_forever()"
    )
    yield world.start("host", "sshd", sys.executable, "-c", echo)
    certificate = str(world.scratch / "certificate.pem")
    yield world.start(
        "host", "local443", sys.executable, str(HERE / "outside.py"), certificate, "127.0.0.1", HOST_OUTSIDE
    )


@contextmanager
def build_world(scratch: Path) -> Iterator[World]:
    """A running world. Its namespaces and processes end with it, whatever happens in between."""
    world = World(f"ably{os.getpid()}", scratch)
    scratch.chmod(0o755)
    with ExitStack() as stack:
        for role in ("host", "s1", "s2", "outside"):
            run("ip", "netns", "add", world.prefix + role)
            stack.callback(run, "ip", "netns", "delete", world.prefix + role, check=False)
        _build_bridge(world)
        _build_outside(world)
        world.load_filter()
        for start in (_start_outside, _start_host_services):
            for process in start(world):
                stack.callback(process.wait)
                stack.callback(process.terminate)
        yield world
