"""The engine: observe, plan, remember, write, activate, verify; and the way back by the same steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .._core.changes import Plan, plan
from .._core.diffs import describe_mismatch
from .._core.errors import Kept, SandboxError, VerificationError
from .._core.ledger import Ledger, Memory, advance, fold, records_of
from .._core.ports import Host, Store
from .._core.records import Activated, Applied, Applying, Forgotten, Pending, Record, Remembered, Withdrawn, Wrote
from .._core.resources import Activation, Control, Owner, Resource, Reversibility
from .._core.rollback import Conflict, is_back, plan_restore
from .._core.states import State
from .._core.steps import Change, coalesce_activations

# Past this many records the ledger is written anew in its shortest form.
_COMPACT_AFTER = 500


@dataclass(frozen=True)
class Outcome:
    """What a run changed, or would change: one control's plan, and what the rollback had to leave."""

    owner: Owner
    plan: Plan
    kept: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.plan)


@dataclass(frozen=True)
class RollbackWish:
    """Down to which level, or one control alone; whether others' changes and our packages go too."""

    to_level: int = 0
    control: str | None = None
    force: bool = False
    packages: bool = False


class Engine:
    """Runs controls on a host. One run at a time: the store's lock is held throughout."""

    def __init__(self, host: Host, store: Store) -> None:
        self._host = host
        self._store = store
        self._ledger = Ledger()

    def apply(self, control: Control, check_only: bool = False) -> Outcome:
        """Bring the host to what the control wishes. On failure this run's changes are undone and the error says so."""
        with self._store.lock(f"apply {control.owner}"):
            records = self._load()
            if control.owner in self._ledger.applying and not check_only:
                self._host.recover(self._resources_of(control))
            control = Control(control.owner, self._host.complete(control.wishes), control.health)
            planned = plan(control, self._observe(self._resources_of(control)), self._ledger)
            outcome = Outcome(control.owner, planned, tuple(str(conflict) for conflict in planned.conflicts))
            is_settled = control.owner in self._ledger.applied and control.owner not in self._ledger.applying
            if check_only or (not planned and is_settled):
                return outcome
            for change in planned.changes:
                self._host.rehearse(change)
            self._carry_out(control, planned)
            if len(records) > _COMPACT_AFTER:
                self._store.replace(records_of(self._ledger))
            return outcome

    def roll_back(self, wish: RollbackWish, check_only: bool = False) -> tuple[Outcome, ...]:
        """Bring back what was remembered, the last control first. Others' changes are kept, and said, unless forced."""
        with self._store.lock("roll back"):
            self._load()
            before = self._ledger
            owners = [owner for owner in reversed(self._ledger.owners) if self._is_meant(owner, wish)]
            outcomes = tuple(self._withdraw(owner, wish, check_only) for owner in owners)
            has_husk = self._ledger.is_empty and not check_only
            if self._ledger != before or has_husk:
                self._store.replace(records_of(self._ledger))
            return tuple(outcome for outcome in outcomes if outcome.changed or outcome.kept)

    # Going up.

    def _carry_out(self, control: Control, planned: Plan) -> None:
        before = self._ledger
        wished = {wish.resource for wish in control.wishes}
        dropped = [change for change in planned.changes if change.resource not in wished]
        self._remember(control, planned)
        try:
            self._write([change for change in planned.changes if change.resource in wished])
            self._restore(dropped)
            self._activate(control.owner, planned.activations, planned.changes)
            self._verify(control)
        except (SandboxError, OSError) as error:
            raise self._undo(control.owner, planned, before, error) from error
        self._append([*(Forgotten(change.resource) for change in dropped), Applied(control.owner)])

    def _remember(self, control: Control, planned: Plan) -> None:
        """Everything that a later run needs to finish or to undo this one, in one durable write."""
        changes = {change.resource: change for change in planned.changes}
        records: list[Record] = [Applying(control.owner)]
        for wish in control.wishes:
            if wish.state is None and self._ledger.memory(wish.resource) is None:
                state = self._host.observe(wish.resource)
                records.append(Remembered(control.owner, wish.resource, state, footprint=True))
            records.extend(self._records_of(control, changes.get(wish.resource)))
        records.extend(Pending(control.owner, activation) for activation in self._announced(control.owner, planned))
        self._append(records)

    def _records_of(self, control: Control, change: Change | None) -> Iterator[Record]:
        if change is None or change.reversibility is Reversibility.NONE:
            return
        if self._ledger.memory(change.resource) is None:
            yield Remembered(control.owner, change.resource, change.before)
        yield Wrote(change.resource, change.after.abridged(), change.activates)

    def _announced(self, owner: Owner, planned: Plan) -> tuple[Activation, ...]:
        """Those not yet in the ledger, and those that this run's own changes need anew."""
        needed = {activation for change in planned.changes for activation in change.activates}
        open_already = self._ledger.pending_of(owner)
        return tuple(a for a in planned.activations if a in needed or a not in open_already)

    def _write(self, changes: Sequence[Change]) -> None:
        for group in _groups(changes):
            self._host.swap(group)

    def _activate(self, owner: Owner, activations: Iterable[Activation], changes: Sequence[Change]) -> None:
        """Each once. One that a killed run had carried out already, as its token tells, is only noted."""
        needed = {activation for change in changes for activation in change.activates}
        for activation in activations:
            token = self._host.token(activation)
            last = self._ledger.token_of(owner, activation)
            if activation in needed or last is None or last == token:
                self._append([Pending(owner, activation, token)])
                self._host.activate(activation)
            self._append([Activated(owner, activation)])

    def _verify(self, control: Control) -> None:
        for wish in control.wishes:
            there = self._host.observe(wish.resource)
            if wish.state is not None and not there.holds(wish.state):
                raise VerificationError(describe_mismatch(wish.resource, wish.state, there))
        for command in control.health:
            self._host.check_health(command)

    def _undo(self, owner: Owner, planned: Plan, before: Ledger, error: Exception) -> SandboxError:
        """Take this run's changes back, and say both what failed and what was restored."""
        try:
            changes, fresh = self._plan_undo(owner, planned, before)
            activations = self._activations_to_undo(owner, changes, before)
            if activations:
                self._append([Pending(owner, activation) for activation in activations])
            kept = self._restore(changes)
            self._activate(owner, activations, changes)
            end = Applied(owner) if owner in before.applied else Withdrawn(owner)
            self._append([*(Forgotten(memory.resource) for memory in reversed(fresh)), end])
            if self._ledger.is_empty:
                self._store.replace(())
        except (SandboxError, OSError) as second:
            return SandboxError(
                f"{owner}: {error}; undoing it failed as well: {second}",
                "mend what is named, then run again: the ledger knows what is open",
            )
        restored = _list([change.resource for change in changes if change.resource not in kept])
        left = "".join(f"; left: {reason}" for reason in kept.values())
        return SandboxError(f"{owner}: {error}", f"restored as they were: {restored}{left}")

    def _activations_to_undo(self, owner: Owner, changes: Sequence[Change], before: Ledger) -> list[Activation]:
        """Without the restarts that this run had not come to yet: those units never saw what is taken back."""
        pending = set(before.pending_of(owner))
        unseen = {entry.activation for entry in self._ledger.open if entry.owner == owner and entry.token is None}
        wanted = coalesce_activations(changes, pending)
        return [a for a in wanted if a in pending or a not in unseen or a.verb == "daemon-reload"]

    def _plan_undo(self, owner: Owner, planned: Plan, before: Ledger) -> tuple[list[Change], list[Memory]]:
        """What takes this run back, the last change first, and the memories that are not needed after that.

        A control that was never wholly applied goes back to nothing: what a killed run before this one wrote, and
        the footprints. Packages stay, and the memories with them.
        """
        memories = list(self._ledger.memories_of(owner))
        if any(memory.resource.kind == "package" for memory in memories):
            memories = []
        fresh = [memory for memory in memories if owner not in before.applied or memory.resource not in before.memories]
        resources = {memory.resource for memory in fresh}
        restored, _ = plan_restore(fresh, self._observe(list(resources)), force=True)
        others = [change for change in reversed(planned.changes) if change.resource not in resources]
        exact = [change for change in others if change.reversibility is Reversibility.EXACT]
        written = [change for change in exact if not self._host.observe(change.resource).holds(change.before)]
        return [*restored, *(change.inverse for change in written)], fresh

    # Going down.

    def _is_meant(self, owner: Owner, wish: RollbackWish) -> bool:
        """A control that installed packages stays unless packages are meant to go."""
        has_packages = any(memory.resource.kind == "package" for memory in self._ledger.memories_of(owner))
        wanted = owner.phase > wish.to_level and wish.control in (None, owner.control)
        return wanted and (wish.packages or not has_packages)

    def _withdraw(self, owner: Owner, wish: RollbackWish, check_only: bool) -> Outcome:
        memories = self._ledger.memories_of(owner)
        if owner in self._ledger.applying and not check_only:
            self._host.recover([memory.resource for memory in memories])
        observed = self._observe([memory.resource for memory in memories])
        changes, conflicts = plan_restore(memories, observed, wish.force)
        activations = coalesce_activations(changes, self._ledger.pending_of(owner))
        planned = Plan(changes, activations, conflicts)
        if check_only:
            return Outcome(owner, planned, tuple(str(conflict) for conflict in conflicts))
        if planned:
            announced = self._announced(owner, planned)
            self._append([Applying(owner), *(Pending(owner, activation) for activation in announced)])
        kept = self._restore(changes)
        kept.update(self._restore_moved(memories, kept))
        self._activate(owner, activations, changes)
        self._check_restored(memories, conflicts, kept)
        self._forget(owner, memories, conflicts)
        return Outcome(owner, planned, tuple(map(str, conflicts)) + tuple(kept.values()))

    def _restore(self, changes: Sequence[Change]) -> dict[Resource, str]:
        """What had to stay, with the reason."""
        kept: dict[Resource, str] = {}
        for group in _groups(changes):
            try:
                self._host.swap(group)
            except Kept as reason:
                kept.update({change.resource: str(reason) for change in group})
        return kept

    def _restore_moved(self, memories: Sequence[Memory], kept: Mapping[Resource, str]) -> dict[Resource, str]:
        """Footprints that were as remembered, and that going back has moved: a purge takes empty folders along."""
        footprints = [memory for memory in memories if memory.footprint and memory.resource not in kept]
        observed = self._observe([memory.resource for memory in footprints])
        return self._restore(plan_restore(footprints, observed)[0])

    def _check_restored(
        self, memories: Sequence[Memory], conflicts: Sequence[Conflict], kept: dict[Resource, str]
    ) -> None:
        left = {conflict.resource for conflict in conflicts} | set(kept)
        for memory in memories:
            if memory.resource in left:
                continue
            there = self._host.observe(memory.resource)
            if not is_back(memory, there):
                raise VerificationError(describe_mismatch(memory.resource, memory.before, there))

    def _forget(self, owner: Owner, memories: Sequence[Memory], conflicts: Sequence[Conflict]) -> None:
        """What others changed stays remembered, for force. What had to stay because others use it is theirs now."""
        disputed = {conflict.resource for conflict in conflicts}
        # The last one first: after a torn write, what is left must still be in the order in which it goes back.
        gone = [memory.resource for memory in reversed(memories) if memory.resource not in disputed]
        if gone or owner in self._ledger.applied or owner in self._ledger.applying:
            self._append([*(Forgotten(resource) for resource in gone), Withdrawn(owner)])

    # Both ways.

    def _load(self) -> tuple[Record, ...]:
        records = self._store.read()
        self._ledger = fold(records)
        return records

    def _append(self, records: Sequence[Record]) -> None:
        self._store.append(records)
        for record in records:
            self._ledger = advance(self._ledger, record)

    def _resources_of(self, control: Control) -> list[Resource]:
        remembered = [memory.resource for memory in self._ledger.memories_of(control.owner)]
        return list(dict.fromkeys([*(wish.resource for wish in control.wishes), *remembered]))

    def _observe(self, resources: Sequence[Resource]) -> dict[Resource, State]:
        return {resource: self._host.observe(resource) for resource in resources}


def _groups(changes: Sequence[Change]) -> list[list[Change]]:
    """Neighbouring packages go in one call of the package manager, everything else goes one by one."""
    groups: list[list[Change]] = []
    for change in changes:
        if groups and change.resource.kind == "package" == groups[-1][-1].resource.kind:
            groups[-1].append(change)
        else:
            groups.append([change])
    return groups


def _list(resources: Sequence[Resource]) -> str:
    return ", ".join(str(resource) for resource in resources) or "nothing had been changed"
