"""nftables tables as text: what is in a listing, and the one transaction that goes from one table to another.

Source: nft(8), nftables 1.0.6 and 1.1.3; tables that Docker leaves behind: iptables-nft 1.8.9 and 1.8.11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .._engine.errors import SandboxError

_FAMILIES = ("ip", "ip6", "inet", "arp", "bridge", "netdev")
_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_./\\-]*$")
_TABLE = re.compile(r"^\s*(?:add )?table (?P<table>\w+ [^\s{;]+)", re.MULTILINE)
_WHOLE_TABLE = re.compile(r"^table (?P<table>\w+ \S+) \{\n.*?^\}\n", re.MULTILINE | re.DOTALL)
_DYNAMIC_FLAGS = re.compile(r"^flags .*\b(dynamic|timeout)\b")
_BLOCK = re.compile(r"^(?:chain|set|map|flowtable|counter|quota|limit|ct \w+|secmark|synproxy) (?P<name>\S+) \{")
# A bridge that Docker made, its default network, or one of its chains.
_DOCKERS = re.compile(r"\bDOCKER(?:-[A-Z0-9-]+)?\b|docker0|\bbr-[0-9a-f]{12}\b|ably-sandbox0")


@dataclass(frozen=True)
class TableName:
    """A table's family and name, written `inet ably_sandbox`."""

    family: str
    name: str

    def __str__(self) -> str:
        return f"{self.family} {self.name}"


def parse_table_name(text: str) -> TableName:
    family, _unused, name = text.partition(" ")
    if family not in _FAMILIES or not _NAME.match(name):
        raise SandboxError(
            f"nft table {text!r}: expected a family and a name",
            f"for instance 'inet ably_sandbox'; families: {', '.join(_FAMILIES)}",
        )
    return TableName(family, name)


def render_swap(table: TableName, ruleset: str | None) -> str:
    """One transaction for `nft -f`. Other tables are not named in it, so nothing of theirs can be lost.

    The table is added before it is deleted, because deleting what is not there would fail the transaction.
    """
    emptied = f"add table {table}\ndelete table {table}\n"
    return emptied if ruleset is None else emptied + ruleset.rstrip("\n") + "\n"


def find_tables(ruleset: str) -> tuple[str, ...]:
    """The tables that a ruleset's text defines, as `family name`."""
    return tuple(found["table"] for found in _TABLE.finditer(ruleset))


def split_tables(ruleset: str) -> dict[str, str]:
    """Each table that a ruleset's text defines from the first column on: `family name` to its lines."""
    return {found["table"]: found[0] for found in _WHOLE_TABLE.finditer(ruleset)}


def without_dynamic_members(listing: str) -> str:
    """A listing without the members that rules have added to sets at run time: they are nobody's configuration."""
    return "".join(f"{line}\n" for line in _without_dynamic_members(listing.splitlines()))


def _without_dynamic_members(lines: list[str]) -> Iterator[str]:
    is_dynamic = is_skipping = False
    for line in lines:
        text = line.strip()
        if _BLOCK.match(text):
            is_dynamic = False
        is_dynamic = is_dynamic or bool(_DYNAMIC_FLAGS.match(text))
        is_skipping = is_skipping or (is_dynamic and text.startswith("elements = {"))
        if not is_skipping:
            yield line
        elif text.endswith("}"):
            is_skipping = False


def find_foreign_rules(listing: str) -> tuple[str, ...]:
    """Rules in a table of iptables that are not Docker's: outside its chains, and about none of its bridges.

    Docker leaves its chains behind when it stops, so only what is found here keeps such a table from being removed.
    """
    chain = ""
    foreign: list[str] = []
    for line in (line.strip() for line in listing.splitlines()):
        block = _BLOCK.match(line)
        if block:
            chain = block["name"]
        elif line not in {"", "}"} and not line.startswith(("table ", "type ", "policy ", "#")):
            is_dockers = _DOCKERS.search(line) or _DOCKERS.search(chain)
            foreign += [] if is_dockers else [line]
    return tuple(foreign)
