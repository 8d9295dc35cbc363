"""The way back, from memories alone: the three-way rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .ledger import Memory
from .resources import Resource
from .states import ABSENT, State, is_same
from .steps import Change


@dataclass(frozen=True)
class Conflict:
    """A resource that is neither what it was nor what we wrote: somebody changed it, and it is left alone."""

    resource: Resource
    remembered: State
    written: State
    present: State

    def __str__(self) -> str:
        return f"{self.resource}: changed by somebody since; left as it is, remembered for later"


def plan_restore(
    memories: Sequence[Memory], observed: Mapping[Resource, State], force: bool = False
) -> tuple[tuple[Change, ...], tuple[Conflict, ...]]:
    """Changes that bring the remembered states back, last memory first, and what is left to others.

    `force` takes others' changes back as well.
    """
    changes: list[Change] = []
    conflicts: list[Conflict] = []
    for memory in reversed(memories):
        there = observed[memory.resource]
        if is_back(memory, there):
            continue
        conflict = None if force else find_conflict(memory, there)
        if conflict is None:
            changes.append(_restore(memory, there))
        else:
            conflicts.append(conflict)
    return tuple(changes), tuple(conflicts)


def is_back(memory: Memory, there: State) -> bool:
    return there.holds(memory.before)


def is_ours(memory: Memory, there: State) -> bool:
    """Whether it is as it was remembered, or as we wrote it."""
    return is_back(memory, there) or find_conflict(memory, there) is None


def find_conflict(memory: Memory, there: State) -> Conflict | None:
    """The three-way rule, fact by fact over the facts that we wrote. A footprint is never ours to dispute."""
    if memory.footprint:
        return None
    if memory.written and all(_is_known(fact, memory, there) for fact in _facts_written(memory)):
        return None
    return Conflict(memory.resource, memory.before, memory.written[-1] if memory.written else memory.before, there)


def find_new_facts(memory: Memory, change: Change) -> State:
    """The facts that this change is the first of ours to name, as they are now.

    A run that dies before it makes the change would leave them to be taken for somebody else's.
    """
    known = set.intersection(*(set(state.facts or {}) for state in memory.written)) if memory.written else set()
    named = set(change.after.facts or {}) & set(change.before.facts or {})
    return State({name: change.before.fact(name) for name in named - known}).abridged() if named - known else ABSENT


def _facts_written(memory: Memory) -> tuple[str | None, ...]:
    """The names of the facts that are ours to judge; None stands for whether the resource is there at all.

    Those that each state we wrote names: what one of them left open may have become anything.
    """
    named = [set(state.facts) for state in memory.written if state.facts is not None]
    return (None, *sorted(set.intersection(*named) if named else ()))


def _is_known(fact: str | None, memory: Memory, there: State) -> bool:
    known = (memory.before, *memory.written)
    if fact is None:
        # What we removed and is there again is theirs, though something was there before us as well.
        return any(state.is_absent == there.is_absent for state in memory.written)
    if there.is_absent or fact.startswith("_"):
        return True
    return any(not state.is_absent and is_same(there.fact(fact), state.fact(fact)) for state in known)


def _restore(memory: Memory, there: State) -> Change:
    """What was written beyond what can be observed is kept for the way back."""
    before = there.under(memory.written[-1]) if memory.written else there
    return Change(memory.resource, before, memory.before, memory.activates)
