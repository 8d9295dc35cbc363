"""A session's network holds its wire and nothing else: whatever is missing, or too much, is noticed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.session_checks import (
    NetworkView,
    find_missing_in_network,
)
from ansible_collections.ably.sandbox.tests.unit.controls.test_container_spec import assemble

SLOT = 3

ROUTE = """\
Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	0000D50A	00000000	0001	0	0	0	00FFFFFF	0	0	0
"""
DEVICES = """\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0
  eth0:     164       2    0    0    0     0          0         0        0       0    0    0    0     0       0
"""
ARP = """\
IP address       HW type     Flags       HW address            Mask     Device
10.213.0.1       0x1         0x6         02:ab:1e:00:00:00     *        eth0
"""
IPV6_ROUTE = (
    "0" * 32 + " 00 " + "0" * 32 + " 00 " + "0" * 32 + " ffffffff 00000001 00000000 00200200       lo\n"
    "ff" + "0" * 30 + " 08 " + "0" * 32 + " 00 " + "0" * 32 + " 00000100 00000001 00000000 00000001     eth0\n"
)
IF_INET6 = "00000000000000000000000000000001 01 80 10 80       lo\n"
HEADING = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
# As Docker's resolver shows in a network of Docker's: 127.0.0.11.
RESOLVER = "   4: 0B00007F:A1C9 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 21543 2 0 0\n"
NETLINK = """\
sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
00000000520967f3 0   0          00000000 0        0        0     2        0        26946
0000000088561299 10  0          00000000 0        0        0     2        0        26950
0000000067af0911 0   611        00000000 0        0        0     2        0        26955
"""

GOOD = NetworkView(
    net={
        **dict.fromkeys(("tcp", "udp", "raw", "unix", "packet", "tcp6", "udp6", "icmp"), HEADING),
        "netlink": NETLINK,
        "dev": DEVICES,
        "route": ROUTE,
        "arp": ARP,
        "ipv6_route": IPV6_ROUTE,
        "if_inet6": IF_INET6,
    },
    port={
        "isolated": "1\n",
        "learning": "0\n",
        "unicast_flood": "0\n",
        "multicast_flood": "0\n",
        "broadcast_flood": "0\n",
    },
    bridge="ably-gateway",
    mac="02:ab:1e:00:00:00\n",
)
WITHOUT_IPV6 = {name: text for name, text in GOOD.net.items() if "6" not in name}


def find(net: Mapping[str, str]) -> list[str]:
    return find_missing_in_network(assemble(), SLOT, replace(GOOD, net=net))


@pytest.mark.parametrize("net", [GOOD.net, WITHOUT_IPV6, {**GOOD.net, "dev": DEVICES + " tunl0: 0 0\n  sit0: 0 0\n"}])
def test_a_session_with_its_wire_alone_is_let_through(net: Mapping[str, str]) -> None:
    assert find(net) == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("udp", HEADING + RESOLVER, "1 sockets of udp are open in the session's network"),
        ("tcp", HEADING + RESOLVER * 2, "2 sockets of tcp are open"),
        ("udp6", HEADING + RESOLVER, "1 sockets of udp6"),
        ("udplite", HEADING + RESOLVER, "1 sockets of udplite"),
        ("raw", HEADING + RESOLVER, "1 sockets of raw"),
        ("packet", HEADING + "x\n", "1 sockets of packet"),
        ("unix", HEADING + "x\n", "1 sockets of unix"),
        ("netlink", NETLINK + "0000000088561299 16  4711       00000000 0 0 0 2 0 26950\n", "1 sockets of netlink"),
        ("tcp", "", "the sockets of tcp cannot be read"),
        ("dev", DEVICES + "  eth1: 0 0\n", "there is an interface eth1"),
        ("dev", DEVICES.replace("eth0", "eth1"), "there is no interface eth0"),
        ("dev", "", "there is no interface lo"),
        ("if_inet6", IF_INET6 + "fe80000000000000000000fffe000001 02 40 20 80     eth0\n", "eth0 has an IPv6 address"),
        ("route", ROUTE + "eth0\t00000000\t0100D50A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n", "a route beyond"),
        ("route", ROUTE + "eth0\t0000A8C0\t0100D50A\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0\n", "a route beyond"),
        ("route", ROUTE.replace("0000D50A", "0000D60A"), "beyond the session network 10.213.0.0/24 on eth0"),
        ("route", ROUTE.replace("00FFFFFF", "0000FFFF"), "beyond the session network 10.213.0.0/24 on eth0"),
        ("route", ROUTE + ROUTE.splitlines()[1] + "\n", "expected one route, on eth0, found 2"),
        ("route", ROUTE.replace("eth0", "lo"), "expected one route, on eth0"),
        ("route", "", "expected one route, on eth0, found 0"),
        ("ipv6_route", IPV6_ROUTE.replace(" lo", " eth0"), "there is an IPv6 route on eth0"),
        ("arp", ARP.replace("0x6", "0x2"), "is not known for good"),
        ("arp", ARP.replace("1e:00:00:00", "1e:00:00:01"), "is not known for good"),
        ("arp", ARP + ARP.splitlines()[1].replace("0.1 ", "0.7 ") + "\n", "a neighbour 10.213.0.7 on eth0"),
        ("arp", "", "the gateway 10.213.0.1 is not known for good"),
        ("route", ROUTE + "eth0\n", "cannot be read"),
        ("route", ROUTE.replace("00FFFFFF", "00FF00FF"), "cannot be read"),
        ("netlink", NETLINK + "x\n", "cannot be read"),
        ("ipv6_route", "\n", "cannot be read"),
    ],
)
def test_whatever_is_missing_or_too_much_is_noticed(name: str, text: str, said: str) -> None:
    assert text != GOOD.net.get(name)
    assert any(said in sentence for sentence in find({**GOOD.net, name: text}))


@pytest.mark.parametrize("name", GOOD.port)
@pytest.mark.parametrize("wrong", ["", "2\n"])
def test_a_port_that_lets_more_through_is_noticed(name: str, wrong: str) -> None:
    view = replace(GOOD, port={**GOOD.port, name: wrong})
    (missing,) = find_missing_in_network(assemble(), SLOT, view)
    assert f"ably-slot-003: {name} is {wrong.strip() or 'unknown'}" in missing


@pytest.mark.parametrize("mac", ["", "8e:00:00:00:00:01\n"])
def test_a_bridge_with_another_address_is_noticed(mac: str) -> None:
    (missing,) = find_missing_in_network(assemble(), SLOT, replace(GOOD, mac=mac))
    assert missing == f"the address of ably-gateway is {mac.strip() or 'unknown'}, not 02:ab:1e:00:00:00"


@pytest.mark.parametrize("bridge", ["", "br-0123456789ab"])
def test_another_bridge_is_noticed(bridge: str) -> None:
    (missing,) = find_missing_in_network(assemble(), SLOT, replace(GOOD, bridge=bridge))
    assert missing == f"ably-slot-003 is not a port of ably-gateway, but of {bridge or 'no bridge'}"
