"""Routes, rules and addresses as a real `ip` prints them; the case was made in a network namespace."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network

import pytest

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


def network(text: str) -> IPv4Network:
    return IPv4Network(text)


def test_routes_of_all_tables_are_read() -> None:
    found = parse_route_list(read_case("host/ip-route-6.1.json"))
    assert found[:8] == (
        Route(network("10.0.0.0/8"), "tun0", "220"),
        Route(network("10.0.0.0/8"), "tun0", "221"),
        Route(network("10.213.0.0/24"), "", "221", "throw"),
        Route(network("0.0.0.0/1"), "tun0"),
        Route(EVERYWHERE, "eth0"),
        Route(network("172.16.0.0/12"), "", "main", "blackhole"),
        Route(network("192.0.2.0/24"), "eth0"),
        Route(network("198.51.100.0/24"), "eth0"),
    )
    assert found[8] == replace(found[7], device="tun0")
    assert Route(network("10.213.0.9/32"), "down0", "local", "local") in found


def test_the_route_that_the_kernel_chooses_is_read() -> None:
    found = parse_route_list(read_case("host/ip-route-get-6.1.json"))
    assert found == (Route(network("10.0.0.0/8"), "tun0", "220"),)


@pytest.mark.parametrize("text", ["", "\n", "[]", "[{}]"])
def test_nothing_is_no_route_and_no_rule(text: str) -> None:
    assert parse_route_list(text) == ()
    assert parse_rules(text) == ()
    assert parse_addresses(text) == ()


@pytest.mark.parametrize(
    "rule",
    [
        Rule(220, table="220"),
        Rule(299, table="main", keeps=1),
        Rule(300, table="51820", is_narrow=True, is_inverted=True),
        Rule(400, source=network("192.0.2.0/24"), table="100"),
        Rule(401, target=network("10.0.0.0/8"), table="100"),
        Rule(402, table="100", is_narrow=True),
        Rule(403, table="100", is_narrow=True),
        Rule(404, table="100", is_partial=True),
        Rule(405, table="100", is_partial=True),
        Rule(406, table="100", is_narrow=True),
        Rule(407, target=network("10.213.0.0/24"), action="blackhole"),
        Rule(408, target=network("10.99.0.0/16"), action="goto 32766"),
        Rule(1000, is_narrow=True),
        Rule(32766, table="main"),
    ],
    ids=lambda rule: str(rule.priority),
)
def test_a_rule_is_read(rule: Rule) -> None:
    assert rule in parse_rules(read_case("host/ip-rule-6.1.json"))


@pytest.mark.parametrize(
    ("selector", "is_narrow"),
    [
        ('"fwmark":"0","fwmask":"0xff"', False),
        ('"fwmark":"0x10"', True),
        ('"iif":"lo"', False),
        ('"uid_start":1000,"uid_end":1000', True),
        ('"uid_start":1000,"uid_end":60599', False),
        ('"uid_start":0,"uid_end":2000', False),
    ],
)
def test_whom_a_rule_is_for(selector: str, is_narrow: bool) -> None:
    (rule,) = parse_rules(f'[{{"priority":5,"src":"all",{selector},"table":"100"}}]')
    assert rule.is_narrow is is_narrow


@pytest.mark.parametrize(
    "selector",
    [
        '"dport_start":1000,"dport_end":2000',
        '"sport_start":1,"sport_end":9',
        '"suppress_ifgroup":"default"',
        '"dport":1',
    ],
)
def test_a_rule_for_a_part_of_the_packets_or_routes(selector: str) -> None:
    (rule,) = parse_rules(f'[{{"priority":5,"src":"all",{selector},"table":"main"}}]')
    assert (rule.is_partial, rule.is_narrow) == (True, False)


def test_rules_come_in_the_kernel_s_order() -> None:
    text = '[{"priority":9,"src":"all","table":"9"},{"priority":3,"src":"all","table":"3"}]'
    assert [rule.priority for rule in parse_rules(text)] == [3, 9]


def test_addresses_of_interfaces_that_are_down_are_read_as_well() -> None:
    found = parse_addresses(read_case("host/ip-address-6.1.json"))
    assert Address("down0", network("10.213.0.0/24")) in found
    assert Address("tun0", network("10.8.0.1/32")) in found
