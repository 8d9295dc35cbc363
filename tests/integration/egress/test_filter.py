"""What a session sends past the gateway's door: dropped, counted, and seen by nobody."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.names import BRIDGE
from ansible_collections.ably.sandbox.tests.integration.egress.world import (
    DNS,
    FORBIDDEN,
    GATEWAY,
    HOST_OUTSIDE,
    MACS,
    SESSIONS,
    World,
    join_lines,
)
from ansible_collections.ably.sandbox.tests.role_templates import render_filter

OWN, PEER = SESSIONS
BROADCAST, MULTICAST = "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01"


@dataclass(frozen=True)
class Attack:
    """`reason` and `family`: whose counter moves. `victim`: whom the packets would reach without the rules."""

    title: str
    command: tuple[str, ...]
    reason: str
    family: str = "inet"
    victim: str = "outside"

    def __str__(self) -> str:
        return self.title


ATTACKS = (
    Attack("literal address", ("tcp", FORBIDDEN, "443"), "address"),
    Attack("another port outside", ("tcp", FORBIDDEN, "80"), "address"),
    Attack("metadata address", ("tcp", "169.254.169.254", "80"), "address"),
    Attack("a name server outside", ("dns", DNS, "www.example.com", "1"), "address"),
    Attack("udp outside", ("udp", FORBIDDEN, "9999"), "address"),
    Attack("ping outside", ("ping", FORBIDDEN), "address"),
    Attack("quic outside", ("udp", FORBIDDEN, "443"), "address"),
    Attack("ssh of the host", ("tcp", GATEWAY, "22"), "input", victim="host"),
    Attack("udp to the host", ("udp", GATEWAY, "9999"), "input", victim="host"),
    Attack("the name server by tcp", ("tcp", GATEWAY, "53"), "input", victim="host"),
    Attack("ping of the gateway", ("ping", GATEWAY), "input", victim="host"),
    Attack("the host's outer address", ("tcp", HOST_OUTSIDE, "22"), "address", victim="host"),
    Attack("the host's outer https", ("tcp", HOST_OUTSIDE, "443"), "address", victim="host"),
    Attack("another session by tcp", ("tcp", PEER, "22"), "peer", "bridge", "s2"),
    Attack("another session by udp", ("udp", PEER, "9999"), "peer", "bridge", "s2"),
    Attack("another session by ping", ("ping", PEER), "peer", "bridge", "s2"),
    Attack("another session by broadcast", ("packet", BROADCAST, OWN, PEER, "9"), "peer", "bridge", "s2"),
    Attack("another session by multicast", ("packet", MULTICAST, OWN, "224.0.0.1", "9"), "peer", "bridge", "s2"),
    Attack("another session in a vlan", ("packet", MACS["s2"], OWN, PEER, "9", "1", "", "7"), "frame", "bridge", "s2"),
    Attack(
        "the gateway in a vlan", ("packet", MACS["bridge"], OWN, GATEWAY, "53", "1", "", "7"), "frame", "bridge", "host"
    ),
    Attack("another session by arp", ("arp", BROADCAST, OWN, PEER), "frame", "bridge", "s2"),
    Attack("another session by arp as the gateway", ("arp", MACS["s2"], GATEWAY, PEER), "frame", "bridge", "s2"),
    Attack("another session by a frame of its own kind", ("frame", MACS["s2"], "88b5"), "frame", "bridge", "s2"),
    Attack("another session by ipv6", ("packet6", MACS["s2"], "fe80::2", "fe80::3", "9"), "frame", "bridge", "s2"),
    Attack(
        "the host by ipv6",
        ("packet6", MACS["bridge"], "2001:db8:1::2", "2001:db8:1::1", "9"),
        "frame",
        "bridge",
        "host",
    ),
    Attack("a forged source", ("packet", MACS["bridge"], "192.0.2.7", GATEWAY, "53"), "spoof", "bridge", "host"),
    Attack("another session's address", ("packet", MACS["bridge"], PEER, GATEWAY, "53"), "spoof", "bridge", "host"),
    Attack(
        "another session's hardware address",
        ("packet", MACS["bridge"], OWN, GATEWAY, "53", "1", MACS["s2"]),
        "spoof",
        "bridge",
        "host",
    ),
    Attack(
        "both of another session's addresses",
        ("packet", MACS["bridge"], PEER, GATEWAY, "53", "1", MACS["s2"]),
        "spoof",
        "bridge",
        "host",
    ),
    Attack(
        "the gateway's address as source",
        ("packet", MACS["bridge"], GATEWAY, FORBIDDEN, "53"),
        "spoof",
        "bridge",
        "host",
    ),
    Attack("arp as the gateway", ("arp", BROADCAST, GATEWAY, "10.213.0.9"), "frame", "bridge", "s2"),
    Attack("arp from elsewhere", ("arp", BROADCAST, "192.0.2.7", GATEWAY), "frame", "bridge", "host"),
)
# What the inet table sees only when the bridge table lets it by.
SECOND_LAYER = (
    Attack(
        "the host by ipv6", ("packet6", MACS["bridge"], "2001:db8:1::2", "2001:db8:1::1", "9"), "ipv6", victim="host"
    ),
    Attack("a forged source", ("packet", MACS["bridge"], "192.0.2.7", GATEWAY, "53"), "spoof", victim="host"),
    Attack("the gateway's address as source", ("packet", MACS["bridge"], GATEWAY, FORBIDDEN, "53"), "spoof"),
)


def without(text: str, *reasons: str) -> str:
    """The filter with every rule gone that sends packets to one of these reasons' ends."""
    ends = "|".join(reasons)
    return "\n".join(line for line in join_lines(text).splitlines() if not re.search(rf"goto drop_({ends})\b", line))


def without_bridge_rules(text: str) -> str:
    head, bridge = join_lines(text).split("table bridge ably_sandbox {")
    return head + "table bridge ably_sandbox {" + re.sub(r"(?m)^.*goto.*$", "", bridge)


def received(world: World, attack: Attack) -> int:
    return world.packets_outside() if attack.victim == "outside" else world.packets_at("s2")


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_it_is_refused(world: World, attack: Attack) -> None:
    before = {"outside": world.packets_outside(), "s2": world.packets_at("s2")}
    answer = world.attack("s1", *attack.command)
    assert answer.get("result", "sent") in ("sent", {"answered": 0, "code": None, "address": None})
    assert world.counters(attack.family)[attack.reason] > 0
    assert {"outside": world.packets_outside(), "s2": world.packets_at("s2")} == before


@pytest.mark.parametrize("attack", [a for a in ATTACKS if a.reason == "peer" and "arp" not in a.title], ids=str)
def test_another_session_is_refused_where_bridged_packets_pass_the_ip_hooks(world: World, attack: Attack) -> None:
    world.pass_bridged_to_ip(1)
    before = world.packets_at("s2")
    world.attack("s1", *attack.command)
    assert world.counters("bridge")["peer"] > 0
    assert world.packets_at("s2") == before


@pytest.mark.parametrize("attack", SECOND_LAYER, ids=str)
def test_it_is_refused_by_the_second_layer_alone(world: World, attack: Attack) -> None:
    world.load_filter(without_bridge_rules(render_filter(world.policy)))
    before = world.packets_outside()
    world.attack("s1", *attack.command)
    assert world.counters()[attack.reason] > 0
    assert world.packets_outside() == before


WEAKENED = tuple(attack for attack in ATTACKS if attack.victim in {"outside", "s2"})


@pytest.mark.parametrize("attack", WEAKENED, ids=str)
def test_without_its_rules_it_gets_through(world: World, attack: Attack) -> None:
    """So the tests above are able to fail, and it is these rules that hold."""
    reasons = {
        "address": ("address", "forward", "input"),
        "peer": ("peer", "address"),
        "spoof": ("spoof", "address", "forward", "peer"),
    }
    text = without(render_filter(world.policy), *reasons.get(attack.reason, (attack.reason, "peer", "forward")))
    world.load_filter(text)
    before = received(world, attack)
    world.attack("s1", *attack.command)
    assert received(world, attack) > before


@pytest.mark.parametrize("port", ["22"])
def test_without_its_rules_the_host_is_open(world: World, port: str) -> None:
    world.load_filter(without(render_filter(world.policy), "input", "address"))
    assert world.attack("s1", "tcp", GATEWAY, port) == {"result": "connected"}
    assert world.attack("s1", "tcp", HOST_OUTSIDE, port) == {"result": "connected"}
    assert world.attack("s1", "ping", GATEWAY) == {"result": "answered"}


def test_without_its_rules_a_forged_source_reaches_the_host(world: World) -> None:
    def delivered() -> int:
        """What the host's IP layer has handed up: the fields of `Ip:` are named in the line before."""
        names, values = world.inside("host", "grep", "^Ip:", "/proc/net/snmp").stdout.splitlines()
        return int(dict(zip(names.split(), values.split(), strict=True))["InDelivers"])

    for weaken, expected in ((False, 0), (True, 1)):
        text = render_filter(world.policy)
        world.load_filter(without(text, "spoof") if weaken else text)
        world.inside("host", "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", f"net.ipv4.conf.{BRIDGE}.rp_filter=0")
        before = delivered()
        world.attack("s1", "packet", MACS["bridge"], "192.0.2.7", GATEWAY, "53")
        assert (delivered() > before) == bool(expected)


def test_arp_of_a_session_does_not_reach_the_hosts_cache(world: World) -> None:
    def is_known() -> bool:
        return "10.213.0.77" in world.inside("host", "ip", "neighbor", "show", "dev", BRIDGE).stdout

    world.attack("s1", "arp", MACS["bridge"], "10.213.0.77", GATEWAY)
    assert world.counters("bridge")["frame"] == 1
    assert not is_known()
    # The control: without the rules the host believes it.
    world.load_filter(without(render_filter(world.policy), "frame", "spoof"))
    world.attack("s1", "arp", MACS["bridge"], "10.213.0.77", GATEWAY)
    assert is_known()


def test_the_outside_reaches_neither_a_session_nor_the_gateway(world: World) -> None:
    before = world.packets_at("s1")
    for target, port in ((OWN, "22"), (GATEWAY, "443"), (GATEWAY, "53")):
        assert "error" in world.attack("outside", "tcp", target, port)
    assert world.counters()["outside"] > 0
    assert world.packets_at("s1") == before
    world.load_filter(without(render_filter(world.policy), "outside"))
    assert world.attack("outside", "tcp", GATEWAY, "443") == {"result": "connected"}
    assert "error" in world.attack("outside", "tcp", OWN, "22")
    assert world.counters()["forward"] > 0
    assert world.packets_at("s1") == before


def test_a_flood_of_one_session_leaves_the_other_its_door(world: World) -> None:
    for _unused in range(3):
        world.attack("s1", "packet", MACS["bridge"], OWN, GATEWAY, "53", "200")
    assert world.counters()["rate"] > 0
    assert world.attack("s2", "dns", GATEWAY, "rest.ably.io", "1")["result"]["answered"] == 1
