"""Drift: resources that are no longer as their control wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .ledger import Ledger, Memory
from .resources import Resource
from .states import State, is_same


@dataclass(frozen=True)
class Drift:
    """A resource, and the names of the facts in which it differs; none when it is gone, or there again."""

    resource: Resource
    facts: tuple[str, ...]

    def __str__(self) -> str:
        what = ", ".join(self.facts) if self.facts else "presence"
        return f"{self.resource}: {what} changed since the last run"


def find_drift(ledger: Ledger, observed: Mapping[Resource, State]) -> tuple[Drift, ...]:
    """What `observed` says of everything that we wrote, in the order of the ledger."""
    written = [memory for memory in ledger.memories.values() if memory.written]
    return tuple(
        Drift(memory.resource, _differing(memory, observed[memory.resource]))
        for memory in written
        if not observed[memory.resource].holds(memory.written[-1])
    )


def _differing(memory: Memory, there: State) -> tuple[str, ...]:
    expected = memory.written[-1]
    if expected.is_absent or there.is_absent:
        return ()
    facts = expected.facts or {}
    differing = (name for name, value in facts.items() if not is_same(there.fact(name), value))
    return tuple(sorted(name for name in differing if name[:1] != "_"))
