"""Routes, rules and addresses, as `ip -4 -json` prints them. From iproute2 5.15 to 6.15."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv4Network
from typing import Any

from .proc_net import MAIN, Route

EVERYWHERE = IPv4Network("0.0.0.0/0")
# Selectors that packets of this host's own services do not have: a mark, an interface, a type of service.
_OTHERS = ("fwmark", "iif", "oif", "tos", "dsfield", "l3mdev")
# Selectors that they may have; with the last one a rule passes over routes of some interfaces.
_PARTIAL = ("ipproto", "sport", "sport_start", "dport", "dport_start", "uid_start", "suppress_ifgroup")
# Who has a higher id is a person, and no service.
_FIRST_PERSON, _LAST_PERSON = 1000, 59999
_OWN_INTERFACE = "lo"


@dataclass(frozen=True)
class Rule:
    """A rule of the routing policy. `table` is empty where it has another action: then `action` says which.

    `is_narrow`: what this host's own services send has not what it asks for; `is_partial`: some of it may have.
    `is_inverted`: it is for all but what it describes. `keeps`: the shortest prefix that it takes from its table, 0
    where it takes the default route as well.
    """

    priority: int
    source: IPv4Network = EVERYWHERE
    target: IPv4Network = EVERYWHERE
    table: str = ""
    action: str = ""
    is_narrow: bool = False
    is_partial: bool = False
    is_inverted: bool = False
    keeps: int = 0


@dataclass(frozen=True)
class Address:
    """Of an interface, with the network that it lies in."""

    device: str
    network: IPv4Network


def parse_route_list(text: str) -> tuple[Route, ...]:
    """From `ip -4 -json route show table all`, which prints nothing where there is none."""
    return tuple(route for entry in _entries(text) for route in _routes(entry))


def _routes(entry: dict[str, Any]) -> Iterator[Route]:
    """One for each way of a route that has several."""
    network = _network(entry.get("dst", "default"))
    for way in entry.get("nexthops") or (entry,):
        kind = str(entry.get("type", "unicast"))
        yield Route(network, str(way.get("dev", "")), str(entry.get("table", MAIN)), kind)


def parse_rules(text: str) -> tuple[Rule, ...]:
    """From `ip -4 -json rule`, in the order in which the kernel asks them."""
    return tuple(sorted(map(_rule, _entries(text)), key=lambda rule: rule.priority))


def _rule(entry: dict[str, Any]) -> Rule:
    goto = f"goto {entry['goto']}" if "goto" in entry else ""
    return Rule(
        int(entry["priority"]),
        _network(entry.get("src", "all"), entry.get("srclen")),
        _network(entry.get("dst", "all"), entry.get("dstlen")),
        str(entry.get("table", "")),
        goto or str(entry.get("action", "")),
        any(_is_narrow(key, entry[key]) for key in _OTHERS if key in entry) or _is_for_people(entry),
        any(key in entry for key in _PARTIAL),
        "not" in entry,
        int(entry.get("suppress_prefixlen", -1)) + 1,
    )


def _is_narrow(key: str, value: object) -> bool:
    """Unmarked packets match a mark of 0, and what the host sends comes from `lo`."""
    if key == "fwmark":
        return int(str(value), 0) != 0
    return value != _OWN_INTERFACE


def _is_for_people(entry: dict[str, Any]) -> bool:
    return int(entry.get("uid_start", 0)) >= _FIRST_PERSON and int(entry.get("uid_end", 0)) <= _LAST_PERSON


def parse_addresses(text: str) -> tuple[Address, ...]:
    """From `ip -4 -json address`, of interfaces that are down as well."""
    return tuple(
        Address(str(entry.get("ifname", "")), IPv4Interface(f"{found['local']}/{found['prefixlen']}").network)
        for entry in _entries(text)
        for found in entry.get("addr_info") or ()
        if "local" in found
    )


def _entries(text: str) -> list[dict[str, Any]]:
    """iproute2 5.15 prints an empty entry for what the filter hides."""
    return [entry for entry in json.loads(text.strip() or "[]") if entry]


def _network(text: str, length: int | None = None) -> IPv4Network:
    if text in ("default", "all"):
        return EVERYWHERE
    return IPv4Network(text if length is None else f"{text}/{length}", strict=False)
