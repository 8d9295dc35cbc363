"""The ledger: what each resource was before a phase first touched it, folded from its records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

from .records import (
    Activated,
    Applied,
    Applying,
    Forgotten,
    Pending,
    Proven,
    Record,
    Remembered,
    Trial,
    TrialEnded,
    Unproven,
    Wrote,
)
from .resources import Activation, Owner, Resource
from .states import State

_LAST = 15


@dataclass(frozen=True)
class Memory:
    """One resource's state before us, and the states that we set out to write: the first, and the last fifteen.

    A run may have died before the last one was written: then the one before is still there. And what is hidden stays as
    it was when it went out of sight, as often as what is seen in its place changes meanwhile. A footprint has none.
    """

    resource: Resource
    owner: Owner
    before: State
    written: tuple[State, ...] = ()
    activates: tuple[Activation, ...] = ()
    footprint: bool = False


@dataclass(frozen=True)
class OpenActivation:
    """An activation that was announced and not reported done. `token` is set once it was about to be carried out."""

    owner: Owner
    activation: Activation
    token: str | None = None


@dataclass(frozen=True)
class Ledger:
    """What the records amount to. Memories stand in the order in which they were made.

    `unproven`: since when (UTC, ISO 8601) the host has changed without a session having been opened on it since; empty
    when one has. `proof`: the last such session.
    """

    memories: Mapping[Resource, Memory] = field(default_factory=dict)
    open: tuple[OpenActivation, ...] = ()
    applied: tuple[Owner, ...] = ()
    applying: tuple[Owner, ...] = ()
    trial: Trial | None = None
    unproven: str = ""
    proof: Proven | None = None

    def memory(self, resource: Resource) -> Memory | None:
        return self.memories.get(resource)

    def memories_of(self, owner: Owner) -> tuple[Memory, ...]:
        return tuple(memory for memory in self.memories.values() if memory.owner == owner)

    def pending_of(self, owner: Owner) -> tuple[Activation, ...]:
        return tuple(entry.activation for entry in self.open if entry.owner == owner)

    def token_of(self, owner: Owner, activation: Activation) -> str | None:
        """What its token was when this activation was about to be carried out, None if it never was."""
        tokens = (e.token for e in self.open if e.owner == owner and e.activation == activation)
        return next(tokens, None)

    @property
    def owners(self) -> tuple[Owner, ...]:
        """Every control that has left something on the host, in the order of its first memory."""
        seen = [memory.owner for memory in self.memories.values()] + list(self.applied) + list(self.applying)
        return tuple(dict.fromkeys(seen))

    @property
    def is_empty(self) -> bool:
        """Whether nothing of ours is on the host; what is not there needs no proof."""
        return not (self.memories or self.open or self.applied or self.applying or self.trial)


def fold(records: Iterable[Record]) -> Ledger:
    ledger = Ledger()
    for record in records:
        ledger = advance(ledger, record)
    return ledger


def advance(ledger: Ledger, record: Record) -> Ledger:
    """The ledger after one more record."""
    if isinstance(record, (Remembered, Wrote, Forgotten)):
        return _advance_memory(ledger, record)
    if isinstance(record, (Pending, Activated)):
        return _advance_activation(ledger, record)
    if isinstance(record, (Trial, TrialEnded)):
        return replace(ledger, trial=record if isinstance(record, Trial) else None)
    if isinstance(record, (Unproven, Proven)):
        return _advance_proof(ledger, record)
    if isinstance(record, Applying):
        return replace(ledger, applying=_with(ledger.applying, record.owner))
    settled = _settle(ledger, record.owner)
    if isinstance(record, Applied):
        return replace(settled, applied=_with(settled.applied, record.owner))
    trial = settled.trial if settled.trial and settled.trial.owner != record.owner else None
    return replace(settled, applied=_without(settled.applied, record.owner), trial=trial)


def _advance_memory(ledger: Ledger, record: Remembered | Wrote | Forgotten) -> Ledger:
    if isinstance(record, Remembered):
        return _remember(ledger, record)
    if isinstance(record, Wrote):
        return _note_written(ledger, record)
    return replace(ledger, memories={k: v for k, v in ledger.memories.items() if k != record.resource})


def _advance_activation(ledger: Ledger, record: Pending | Activated) -> Ledger:
    others = tuple(e for e in ledger.open if (e.owner, e.activation) != (record.owner, record.activation))
    if isinstance(record, Activated):
        return replace(ledger, open=others)
    return replace(ledger, open=(*others, OpenActivation(record.owner, record.activation, record.token)))


def _advance_proof(ledger: Ledger, record: Unproven | Proven) -> Ledger:
    """The first change since the last proof is the one that counts."""
    if isinstance(record, Proven):
        return replace(ledger, unproven="", proof=record)
    return replace(ledger, unproven=ledger.unproven or record.since)


def _remember(ledger: Ledger, record: Remembered) -> Ledger:
    """The first memory wins."""
    if record.resource in ledger.memories:
        return ledger
    memory = Memory(record.resource, record.owner, record.before, footprint=record.footprint)
    return replace(ledger, memories={**ledger.memories, record.resource: memory})


def _note_written(ledger: Ledger, record: Wrote) -> Ledger:
    memory = ledger.memories.get(record.resource)
    if memory is None:
        return ledger
    written = tuple(state.under(record.there) for state in memory.written)
    if not written or written[-1] != record.after:
        # Tried again and again, it would push out what may still be there.
        written = (*written, record.after)
    noted = replace(memory, written=_kept(written), activates=record.activates)
    memories: dict[Resource, Memory] = {**ledger.memories, record.resource: noted}
    return replace(ledger, memories=memories)


def _kept(written: tuple[State, ...]) -> tuple[State, ...]:
    """The first stays the first, whatever comes. Of equal neighbours one, so that `records_of` folds to the same."""
    return tuple(state for state, _unused in groupby((*written[:1], *written[1:][-_LAST:])))


def _settle(ledger: Ledger, owner: Owner) -> Ledger:
    """Nothing of this control is under way any more."""
    still_open = tuple(entry for entry in ledger.open if entry.owner != owner)
    return replace(ledger, open=still_open, applying=_without(ledger.applying, owner))


def _with(owners: tuple[Owner, ...], owner: Owner) -> tuple[Owner, ...]:
    return owners if owner in owners else (*owners, owner)


def _without(owners: tuple[Owner, ...], owner: Owner) -> tuple[Owner, ...]:
    return tuple(other for other in owners if other != owner)


def _remembered(memory: Memory) -> Remembered:
    return Remembered(memory.owner, memory.resource, memory.before, memory.footprint)


def records_of(ledger: Ledger) -> tuple[Record, ...]:
    """The shortest list of records that folds to this ledger. None where nothing of ours is left."""
    records: list[Record] = []
    if ledger.is_empty:
        return ()
    for memory in ledger.memories.values():
        records.append(_remembered(memory))
        records.extend(Wrote(memory.resource, state, memory.activates) for state in memory.written)
    records.extend(Applied(owner) for owner in ledger.applied)
    records.extend(Applying(owner) for owner in ledger.applying)
    records.extend(Pending(entry.owner, entry.activation, entry.token) for entry in ledger.open)
    records.extend([ledger.trial] if ledger.trial else [])
    records.extend([ledger.proof] if ledger.proof else [])
    records.extend([Unproven(ledger.unproven)] if ledger.unproven else [])
    return tuple(records)
