"""Drift: resources that are no longer as their control wrote them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .diffs import brief_or_none
from .ledger import Ledger
from .ports import Host
from .resources import Owner, Resource
from .states import State, is_same
from .steps import Change


@dataclass(frozen=True)
class Drift:
    """A resource of a control: as it was written, with digests in place of long texts, and as it is."""

    resource: Resource
    owner: Owner
    expected: State
    found: State


def find_drift(ledger: Ledger, observed: Mapping[Resource, State]) -> tuple[Drift, ...]:
    """What `observed` says of everything that we wrote, in the order of the ledger."""
    return tuple(
        Drift(memory.resource, memory.owner, memory.written[-1], observed[memory.resource])
        for memory in ledger.memories.values()
        if memory.written and not observed[memory.resource].holds(memory.written[-1])
    )


def describe_drift(drift: Drift, host: Host) -> str:
    """The resource, its control, and of each fact that differs what was expected and what was found.

    Of what not everybody on the host may read, texts are named and not shown.
    """
    return f"{drift.resource} (control {drift.owner.control}): {'; '.join(_describe_facts(drift, host))}"


def _describe_facts(drift: Drift, host: Host) -> Iterator[str]:
    if drift.expected.is_absent or drift.found.is_absent:
        yield "expected absent, found present" if drift.expected.is_absent else "expected present, found absent"
        return
    change = Change(drift.resource, drift.found, drift.expected)
    is_secret, shown = host.is_secret(change), host.shown(change)
    for name, value in sorted((drift.expected.facts or {}).items()):
        there = drift.found.fact(name)
        if name[:1] == "_" or is_same(there, value):
            continue
        if is_secret and isinstance(there, (str, dict)):
            yield f"{name}: expected what was written, found another (hidden)"
        else:
            expected, found = shown.after.fact(name, value), shown.before.fact(name, there)
            yield f"{name}: expected {brief_or_none(expected)}, found {brief_or_none(found)}"
