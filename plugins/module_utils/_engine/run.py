"""One run over a host, under its lock: the ledger as it grows, and the steps that both ways have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Callable

from .changes import Plan
from .errors import Kept, UnreachableError
from .ledger import Ledger, Memory, advance, fold
from .ports import Host, Store
from .records import Activated, Pending, Record, Unproven
from .resources import Activation, Owner, Resource
from .states import ABSENT, State
from .steps import Change

_SETTLING_STEP = 0.5


class Run:
    """`ledger` is what the store holds, at any moment between two calls."""

    def __init__(self, host: Host, store: Store) -> None:
        self.host = host
        self.store = store
        self.ledger = Ledger()

    def load(self) -> tuple[Record, ...]:
        """Read the ledger; the records that it is made of."""
        records = self.store.read()
        self.ledger = fold(records)
        return records

    def append(self, records: Sequence[Record]) -> None:
        self.store.append(records)
        for record in records:
            self.ledger = advance(self.ledger, record)

    def unproven(self) -> tuple[Unproven, ...]:
        """What is noted before the first change since a session was last opened on the host."""
        return () if self.ledger.unproven else (Unproven(self.host.date()),)

    def observe(self, resources: Sequence[Resource]) -> dict[Resource, State]:
        return {resource: self.host.observe(resource) for resource in resources}

    def observe_settled(self, resource: Resource, is_so: Callable[[State], bool]) -> State:
        """As it is once `is_so`, or when there is no more reason to wait for that."""
        since, patience = self.host.now(), self.host.traits(resource.kind).settling_seconds
        while True:
            there = self.host.observe(resource)
            if is_so(there) or since.seconds_until(self.host.now()) >= patience:
                return there
            self.host.pause(_SETTLING_STEP)

    def foresee(self, resources: Sequence[Resource]) -> tuple[dict[Resource, State], tuple[str, ...]]:
        """As `observe`, for a plan alone: what nobody can say now is taken for absent, and said."""
        observed: dict[Resource, State] = {}
        unseen: list[str] = []
        for resource in resources:
            try:
                observed[resource] = self.host.observe(resource)
            except UnreachableError as error:
                observed[resource] = ABSENT
                unseen.append(f"{resource}: taken for absent in this plan: {error}")
        return observed, tuple(unseen)

    def find_hider(self, resource: Resource) -> Memory | None:
        """What of ours has another one of that name be seen now."""
        kind = self.host.traits(resource.kind).hidden_by
        return next((memory for memory in self.ledger.memories.values() if memory.resource.kind == kind), None)

    def has_lasting(self, owner: Owner) -> bool:
        """Whether the control remembers anything that others may rely on by now."""
        return any(self.host.traits(memory.resource.kind).is_lasting for memory in self.ledger.memories_of(owner))

    def write(self, changes: Sequence[Change]) -> None:
        for group in self._groups(changes):
            self.host.swap(group)

    def restore(self, changes: Sequence[Change]) -> dict[Resource, str]:
        """What had to stay, with the reason."""
        kept: dict[Resource, str] = {}
        for group in self._groups(changes):
            try:
                self.host.swap(group)
            except Kept as reason:
                kept.update({change.resource: str(reason) for change in group})
        return kept

    def announced(self, owner: Owner, planned: Plan) -> tuple[Pending, ...]:
        """Those not yet in the ledger, and those that this run's own changes need anew."""
        needed = {activation for change in planned.changes for activation in change.activates}
        open_already = self.ledger.pending_of(owner)
        return tuple(Pending(owner, a) for a in planned.activations if a in needed or a not in open_already)

    def activate(self, owner: Owner, activations: Iterable[Activation], changes: Sequence[Change]) -> None:
        """Each once. One that a killed run had carried out already, as its token tells, is only noted."""
        needed = {activation for change in changes for activation in change.activates}
        for activation in activations:
            token = self.host.token(activation)
            last = self.ledger.token_of(owner, activation)
            if activation in needed or last is None or last == token:
                self.append([Pending(owner, activation, token)])
                self.host.activate(activation)
            self.append([Activated(owner, activation)])

    def _groups(self, changes: Sequence[Change]) -> Iterator[list[Change]]:
        """Neighbours of a kind that is swapped together, everything else one by one."""
        for kind, neighbours in groupby(changes, lambda change: change.resource.kind):
            group = list(neighbours)
            yield from ([group] if self.host.traits(kind).is_swapped_together else ([change] for change in group))
