"""Groups of system calls, each with its reason. They are data of the role `seccomp`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..._formats.system_calls import SYSTEM_CALLS

# As an argument spec.
NAMED: dict[str, Any] = {"name": {"type": "str", "required": True}, "reason": {"type": "str", "required": True}}
GROUP_ARGUMENTS: dict[str, Any] = {**NAMED, "calls": {"type": "list", "elements": "str", "required": True}}


@dataclass(frozen=True)
class CallGroup:
    """Calls that belong together, and who needs them."""

    name: str
    reason: str
    calls: tuple[str, ...]


def make_group(raw: Mapping[str, Any]) -> CallGroup:
    """Of what `find_wrong_groups` finds nothing wrong with."""
    return CallGroup(raw["name"], raw["reason"], tuple(raw["calls"]))


def find_wrong_groups(groups: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What is wrong with each group by itself."""
    yield from find_unnamed("group", groups)
    for group in groups:
        if not group["calls"]:
            yield f"group {group['name']!r}: expected calls, found none"
        for call in group["calls"]:
            if call not in SYSTEM_CALLS:
                yield f"group {group['name']!r}: {call!r} is no system call"


def find_unnamed(kind: str, entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What is wrong with the names and the reasons."""
    names = [entry["name"] for entry in entries]
    for place, entry in enumerate(entries):
        name, reason = names[place], entry["reason"]
        if not name.strip():
            yield f"{kind} {place + 1}: expected a name, found {name!r}"
        elif name in names[:place]:
            yield f"{kind} {name!r} is there twice"
        if not reason.strip():
            yield f"{kind} {name!r}: expected a reason, found {reason!r}"
