"""What on a host's network uses the sessions' range, or would take it away; and whether the advice can be met."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.policy import SESSION_SPACE
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.ranges import Surroundings, find_taken_range
from ansible_collections.ably.sandbox.plugins.module_utils._formats.ip_route import (
    EVERYWHERE,
    Address,
    Rule,
    parse_addresses,
    parse_route_list,
    parse_rules,
)
from ansible_collections.ably.sandbox.plugins.module_utils._formats.proc_net import Route
from ansible_collections.ably.sandbox.tests.unit.case_files import read_case

SUBNET = IPv4Network("10.213.0.0/24")
TEN = IPv4Network("10.0.0.0/8")
MAIN = Rule(32766, table="main")
USUAL = Surroundings((Route(EVERYWHERE, "eth0"),), (Rule(0, table="local"), MAIN, Rule(32767, table="default")))

PORTS_TO_MAIN = Rule(90, table="main", is_partial=True)
FAR = Rule(90, action="goto 96", source=IPv4Network("10.213.0.0/25"))


def host(*routes: Route, rules: tuple[Rule, ...] = (), addresses: tuple[Address, ...] = ()) -> Surroundings:
    ordered = tuple(sorted((*USUAL.rules, *rules), key=lambda rule: rule.priority))
    return Surroundings((*USUAL.routes, *routes), ordered, addresses)


def docker(subnet: str) -> Surroundings:
    return replace(USUAL, networks={"web": (subnet,)})


def by(device: str, network: str, table: str = "main", kind: str = "unicast") -> Route:
    return Route(IPv4Network(network), device, table, kind)


@pytest.mark.parametrize(
    ("there", "found"),
    [
        (host(by("tun0", "10.0.0.0/8", "220")), "a route to 10.0.0.0/8 by tun0 in table 220"),
        (host(by("eth1", "10.213.0.128/25")), "a route to 10.213.0.128/25 by eth1"),
        (host(by("", "10.213.0.0/16", kind="blackhole")), ""),
        (host(by("", "10.213.0.0/24", kind="prohibit")), "a prohibit route to 10.213.0.0/24"),
        (host(by("lo", "10.0.0.0/8", "local", "local")), "a route to 10.0.0.0/8 by lo in table local"),
        (host(addresses=(Address("down0", TEN),)), "an address in 10.0.0.0/8 on down0"),
        (replace(USUAL, chosen=by("vrf1", "10.0.0.0/8", "9")), "packets to it go by a route to 10.0.0.0/8 by vrf1"),
        (host(by("tun0", "0.0.0.0/0", "7"), rules=(Rule(100, table="7"),)), "rule 100 with a route to 0.0.0.0/0 by"),
        (host(rules=(Rule(100, action="blackhole", target=TEN),)), "rule 100 (blackhole)"),
        (host(rules=(Rule(100, action="goto 32767"),)), "rule 100 (goto 32767), past the table main"),
        (host(by("tun0", "0.0.0.0/0", "7"), rules=(PORTS_TO_MAIN, Rule(95, table="7"))), "rule 95 with a route to"),
        (host(by("tun0", "0.0.0.0/0", "7"), rules=(Rule(90, action="goto 92"), Rule(92, table="7"))), "rule 92 with a"),
        (host(by("tun0", "0.0.0.0/0", "7"), rules=(Rule(90, action="goto 96"), Rule(95, table="7"))), "rule 95 with a"),
        (host(by("tun0", "0.0.0.0/0", "7"), rules=(FAR, Rule(95, table="7"), Rule(96))), "rule 95 with a"),
        (host(by("tun0", "0.0.0.0/0", "7"), rules=(Rule(9, table="7", is_narrow=True, is_inverted=True),)), "rule 9"),
        (host(by("tun0", "0.0.0.0/0", "7"), rules=(Rule(9, table="7", is_partial=True),)), "rule 9"),
        (replace(USUAL, rules=(Rule(0, table="local"),)), "no rule for it that leads to the table main"),
        (docker("10.213.0.1/16"), "Docker's network web has 10.213.0.1/16"),
    ],
)
def test_what_takes_the_range(there: Surroundings, found: str) -> None:
    problems = list(find_taken_range(there, SUBNET))
    assert [problem.observed[: len(found)] for problem in problems] == [found][: bool(found)]
    assert all(problem.spares_working_hosts for problem in problems)


@pytest.mark.parametrize(
    "there",
    [
        USUAL,
        host(by("tun0", "0.0.0.0/1"), by("tun0", "128.0.0.0/1")),
        host(by("tun0", "10.0.0.0/8", "220"), by("", "10.213.0.0/16", "220", "throw"), rules=(Rule(220, table="220"),)),
        host(by("", "10.0.0.0/8", "7", "blackhole")),
        host(by("tun0", "0.0.0.0/0", "7"), rules=(Rule(100, table="7", is_narrow=True),)),
        host(by("tun0", "0.0.0.0/0", "7"), rules=(Rule(100, table="7", source=IPv4Network("192.0.2.0/24")),)),
        host(by("tun0", "0.0.0.0/0", "7"), rules=(Rule(100, table="7", target=SUBNET, is_inverted=True),)),
        host(by("tun0", "0.0.0.0/0", "7"), rules=(Rule(100, table="7"), Rule(99, table="main", keeps=1))),
        host(by("tun0", "0.0.0.0/0", "7"), rules=(Rule(100, table="7"), Rule(99, table="main", target=SUBNET))),
        host(by("tun0", "0.0.0.0/0", "7"), rules=(Rule(100, table="7", keeps=1),)),
        host(rules=(Rule(100, action="goto 32766"),)),
        host(by("tun0", "0.0.0.0/0", "7"), rules=(Rule(90, action="goto 96"), Rule(95, table="7"), Rule(96))),
        host(rules=(Rule(100, action="goto 200"),)),
        host(by("ably-gateway", "10.213.0.0/24"), addresses=(Address("ably-gateway", SUBNET),)),
        host(by("ably-gateway", "10.213.0.1/32", "local", "local"), by("ably-slot-001", "10.213.0.2/32")),
        docker("0.0.0.0/0"),
        docker("192.168.1.1/24"),
        docker("fd00::/64"),
        docker("of its own"),
        replace(USUAL, rules=()),
    ],
)
def test_what_leaves_the_range_alone(there: Surroundings) -> None:
    assert list(find_taken_range(there, SUBNET)) == []


def test_an_interface_is_told_once() -> None:
    there = host(
        by("eth1", "10.213.0.0/24"),
        by("eth1", "10.213.0.5/32", "local", "local"),
        by("eth1", "10.213.0.255/32", "local", "broadcast"),
        addresses=(Address("eth1", SUBNET),),
    )
    there = replace(there, chosen=by("eth1", "10.213.0.0/24"))
    assert [problem.observed for problem in find_taken_range(there, SUBNET)] == ["a route to 10.213.0.0/24 by eth1"]


def test_another_range_is_proposed_and_it_is_free() -> None:
    there = host(by("wg0", "10.192.0.0/10"), by("wg1", "172.16.0.0/24"))
    (problem,) = find_taken_range(there, SUBNET)
    proposed = "set sandbox_egress_subnet to a range such as 172.16.1.0/24, and sandbox_egress_gateway to 172.16.1.1"
    assert problem.next_step == proposed
    assert list(find_taken_range(there, IPv4Network("172.16.1.0/24"))) == []


def test_where_no_other_range_is_free_none_is_proposed() -> None:
    there = host(*(by(f"wg{number}", str(space)) for number, space in enumerate(SESSION_SPACE)))
    (problem,) = find_taken_range(there, SUBNET)
    assert problem.next_step == "take it away: no other range of /24 is free on this host"


def test_the_way_past_a_rule_that_takes_everything_is_one() -> None:
    taken = host(by("tun0", "0.0.0.0/0", "7"), rules=(Rule(100, table="7"),))
    (problem,) = find_taken_range(taken, SUBNET)
    assert "ip rule add to 10.213.0.0/24 lookup main priority 99" in problem.next_step
    mended = replace(taken, rules=(Rule(99, table="main", target=SUBNET), *taken.rules))
    assert list(find_taken_range(mended, SUBNET)) == []


def test_all_of_a_recorded_host() -> None:
    there = Surroundings(
        parse_route_list(read_case("host/ip-route-6.1.json")),
        parse_rules(read_case("host/ip-rule-6.1.json")),
        parse_addresses(read_case("host/ip-address-6.1.json")),
    )
    assert [problem.observed for problem in find_taken_range(there, SUBNET)] == [
        "a route to 10.0.0.0/8 by tun0 in table 220",
        "an address in 10.213.0.0/24 on down0",
    ]
