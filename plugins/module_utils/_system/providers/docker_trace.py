"""What a first start of Docker leaves on a host besides its own data: packet filter tables, a bridge, forwarding.

A footprint: remembered before Docker first runs, put back once it no longer does. While Docker runs, its tables and its
bridge are its own business, and nothing here touches them.
"""

from __future__ import annotations

import os
import re

from ..._engine.errors import Kept
from ..._engine.states import State
from ..._engine.steps import Change
from ..._formats.nftables import find_foreign_rules
from ..._formats.resource_facts import DockerTraceFacts, facts_of
from ..apparmor import KERNEL
from ..commands import run_command
from ..forwarding import why_it_stays
from ..programs import find_program
from ..reading import Reader
from ..systemd import Systemd
from .provider import PlainProvider

# Docker 20 to 29 write to these, by iptables-nft; 29 can be told to use tables of its own.
_TABLES = (
    *(f"{family} {table}" for family in ("ip", "ip6") for table in ("nat", "filter", "raw", "mangle")),
    "ip docker-bridges",
    "ip6 docker-bridges",
)
_BRIDGE = "docker0"
_PROFILE = "docker-default"
_FILTER_MODULE = "br_netfilter"
_FORWARDING = "/proc/sys/net/ipv4/ip_forward"


class DockerTraceProvider(PlainProvider):
    """name: host. facts: DockerTraceFacts; never absent."""

    def observe(self, name: str) -> State:
        del name
        with open(self._outside.path(_FORWARDING), encoding="ascii") as file:
            forwarding = file.read().strip()
        return DockerTraceFacts(
            tables=_find_tables(),
            bridge=os.path.exists(self._outside.path(f"/sys/class/net/{_BRIDGE}")),
            forwarding=forwarding,
            profile=self._has_profile(),
            filter_module=os.path.exists(self._outside.path(f"/sys/module/{_FILTER_MODULE}")),
        ).state

    def swap_one(self, change: Change) -> None:
        if Systemd(self._outside).show("docker.service", "ActiveState")["ActiveState"] == "active":
            raise Kept(f"{change.resource}: Docker runs, so its tables and its bridge stay")
        there, former = _read(change.before), _read(change.after)
        for table in (table for table in there.tables if table not in former.tables):
            foreign = find_foreign_rules(run_command(("nft", "--stateless", "list", "table", *table.split())).out)
            if foreign:
                raise Kept(f"{change.resource}: table {table} stays, because others' rules are in it: {foreign[0]}")
            self._outside.run(("nft", "delete", "table", *table.split()))
        if there.bridge and not former.bridge:
            self._outside.run(("ip", "link", "delete", _BRIDGE))
        if there.profile and not former.profile:
            self._outside.run(("tee", f"{KERNEL}/.remove"), stdin=_PROFILE.encode())
        if there.filter_module and not former.filter_module:
            self._outside.run(("modprobe", "--remove", _FILTER_MODULE))
        self._restore_forwarding(there.forwarding, former.forwarding)

    def _restore_forwarding(self, there: str, former: str) -> None:
        """Last: what an operator has set since stays, and all else has gone by then."""
        why = why_it_stays(Reader(self._outside), there, former)
        if why:
            raise Kept(f"net.ipv4.ip_forward: stays {there}, because {why}")
        self._outside.run(("sysctl", "--quiet", "--write", f"net.ipv4.ip_forward={former}"))

    def _has_profile(self) -> bool:
        try:
            with open(self._outside.path(f"{KERNEL}/profiles"), encoding="utf-8") as file:
                return any(line.startswith(f"{_PROFILE} (") for line in file)
        except FileNotFoundError:
            return False


def _read(state: State) -> DockerTraceFacts:
    facts = facts_of(DockerTraceFacts, state)
    if facts is None:
        raise ValueError("docker trace: expected facts, found an absent one")
    return facts


def _find_tables() -> list[str]:
    """None where there is no nft: a bare host has no tables either."""
    if find_program("nft") is None:
        return []
    listed = re.findall(r"^table (\S+ \S+)", run_command(("nft", "list", "tables")).out, re.MULTILINE)
    return [table for table in _TABLES if table in listed]
