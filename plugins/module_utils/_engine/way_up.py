"""The way up: remember, write, activate, verify; and what takes a failed run back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from .changes import Plan
from .diffs import describe_mismatch
from .errors import DownError, SandboxError, VerificationError
from .ledger import Ledger, Memory, records_of
from .records import Applied, Applying, Forgotten, Pending, Record, Remembered, TrialEnded, Withdrawn, Wrote
from .resources import Activation, Control, Owner, Resource, Reversibility
from .rollback import find_new_facts, is_ours, plan_restore
from .run import Run
from .states import ABSENT, State
from .steps import Change
from .trials import begin_trial


def carry_out(run: Run, control: Control, planned: Plan) -> None:
    """Bring the host to the control. On failure this run's changes are undone and the error says so."""
    WayUp(run, control, planned).go()


def find_met(run: Run, owner: Owner, planned: Plan) -> tuple[Wrote, ...]:
    """What to note of the wishes that are met. Nothing while they are on trial: that is left to who confirms it."""
    return () if run.ledger.trial and run.ledger.trial.owner == owner else planned.met


class WayUp:
    """One control's plan on its way to the host."""

    def __init__(self, run: Run, control: Control, planned: Plan) -> None:
        self._run = run
        self._control = control
        self._owner = control.owner
        self._planned = planned
        self._before = run.ledger
        self._wished = {wish.resource for wish in control.wishes}
        self._wanted = [change for change in planned.changes if change.resource in self._wished]
        self._dropped = [change for change in planned.changes if change.resource not in self._wished]
        self._on_trial = control.is_risky and bool(planned.changes)

    def go(self) -> None:
        self._remember()
        try:
            self._arm()
            self._run.write(self._wanted)
            kept = self._run.restore(self._dropped)
            self._run.activate(self._owner, self._planned.activations, self._planned.changes)
            self._verify()
            met = find_met(self._run, self._owner, self._planned)
            self._run.append([*self._left_behind(kept), *met, Applied(self._owner)])
            self._arm()
        except (SandboxError, OSError) as error:
            raise self._undo(error) from error

    def _arm(self) -> None:
        """Before the first change, and again at the end: from there on there is time to confirm."""
        if self._on_trial:
            self._run.host.arm()

    def _remember(self) -> None:
        """Everything that a later run needs to finish, undo or take back this one, in one durable write."""
        run, owner = self._run, self._owner
        changes = {change.resource: change for change in self._planned.changes}
        records: list[Record] = [*run.unproven(), Applying(owner)]
        if self._on_trial:
            records.append(begin_trial(self._control, self._planned, run.ledger, run.host.now()))
        for wish in self._control.wishes:
            if wish.state is None and run.ledger.memory(wish.resource) is None:
                records.append(Remembered(owner, wish.resource, run.host.observe(wish.resource), footprint=True))
            records.extend(self._records_of(changes.get(wish.resource)))
        if self._on_trial:
            # Until the trial is over, what goes back is not forgotten: that it went back is what we wrote last.
            records.extend(record for change in self._dropped for record in self._records_of(change))
        run.append([*records, *run.announced(owner, self._planned)])

    def _records_of(self, change: Change | None) -> Iterator[Record]:
        if change is None or change.reversibility is Reversibility.NONE:
            return
        memory = self._run.ledger.memory(change.resource)
        if memory is None:
            yield Remembered(self._owner, change.resource, change.before)
        there = find_new_facts(memory, change) if memory else ABSENT
        yield Wrote(change.resource, change.after.abridged(), change.activates, there)

    def _left_behind(self, kept: Mapping[Resource, str]) -> Iterator[Record]:
        """Of what the control no longer wishes and that is as it was. On trial it may come back, and has to be known.

        So has what is hidden, which is still there: of the one that was seen in its place it is noted that it went.
        """
        left = {*kept, *self._wished, *(conflict.resource for conflict in self._planned.conflicts)}
        memories = () if self._on_trial else self._run.ledger.memories_of(self._owner)
        for memory in reversed(memories):
            if memory.resource in left:
                continue
            if self._run.find_hider(memory.resource) is None:
                yield Forgotten(memory.resource)
            elif not memory.footprint:
                yield Wrote(memory.resource, memory.before.abridged(), memory.activates)

    def _verify(self) -> None:
        for wish in self._control.wishes:
            if wish.state is None:
                continue
            there = self._run.observe_settled(wish.resource, partial(State.holds, desired=wish.state))
            if not there.holds(wish.state):
                raise VerificationError(describe_mismatch(wish.resource, wish.state, there))
        for command in self._control.health:
            self._run.host.check_health(command)

    # Back, when that failed.

    def _undo(self, error: Exception) -> SandboxError:
        """Take this run's changes back, and say both what failed and what was restored."""
        run, owner = self._run, self._owner
        try:
            changes, fresh = self._plan_undo()
            activations = self._activations_to_undo(changes)
            if activations:
                run.append([Pending(owner, activation) for activation in activations])
            kept = run.restore(changes)
            run.activate(owner, activations, changes)
            run.append(
                [*(Forgotten(memory.resource) for memory in reversed(fresh)), *self._noted(changes), *self._end()]
            )
            if run.ledger.is_empty:
                run.store.replace(())
            elif run.ledger.unproven != self._before.unproven and not kept and self._is_exact:
                # The host is as it was, and as proven. An agent that is back may be of a release without that record.
                run.store.replace(records_of(replace(run.ledger, unproven=self._before.unproven)))
        except (SandboxError, OSError) as second:
            return _both(owner, error, second)
        restored = _list([change.resource for change in changes if change.resource not in kept])
        left = "".join(f"; left: {reason}" for reason in kept.values())
        what = error.message if isinstance(error, DownError) else str(error)
        return SandboxError(f"{owner}: {what}", f"restored as they were: {restored}{left}")

    @property
    def _is_exact(self) -> bool:
        """Whether all of the plan goes back when it is undone."""
        return all(change.reversibility is Reversibility.EXACT for change in self._planned.changes)

    def _noted(self, changes: Sequence[Change]) -> Iterator[Wrote]:
        """What is there again, where we had written it: it is not somebody else's because a run failed."""
        for change in changes:
            memory = self._before.memory(change.resource)
            if self._run.ledger.memory(change.resource) and memory and is_ours(memory, change.after):
                yield Wrote(change.resource, change.after.abridged(), change.activates)

    def _end(self) -> Iterator[Record]:
        """As before: applied, or cut off and still to be finished. What was on trial then still is, and is whole."""
        before, was_applied = self._before, self._owner in self._before.applied
        if was_applied:
            yield Applying(self._owner) if self._owner in before.applying else Applied(self._owner)
        else:
            yield Withdrawn(self._owner)
        if self._on_trial:
            yield before.trial if before.trial and was_applied else TrialEnded(self._owner)

    def _activations_to_undo(self, changes: Sequence[Change]) -> tuple[Activation, ...]:
        """Without those that this run had not come to yet: their units never saw what is taken back.

        What is for the whole host may have been done by others meanwhile.
        """
        owner, ledger = self._owner, self._run.ledger
        pending = set(self._before.pending_of(owner))
        unseen = {entry.activation for entry in ledger.open if entry.owner == owner and entry.token is None}
        wanted = self._run.host.arrange(changes, pending)
        return tuple(a for a in wanted if a in pending or a not in unseen or not a.unit)

    def _plan_undo(self) -> tuple[list[Change], list[Memory]]:
        """What takes this run back, the last change first, and the memories that are not needed after that.

        A control that was never wholly applied goes back to nothing: what a killed run before this one wrote, and
        the footprints. What is lasting stays, and the memories with it.
        """
        run, before = self._run, self._before
        fresh = self._fresh_memories(before)
        resources = {memory.resource for memory in fresh}
        restored, _unused = plan_restore(fresh, run.observe(list(resources)), force=True)
        others = [change for change in reversed(self._planned.changes) if change.resource not in resources]
        exact = [change for change in others if change.reversibility is Reversibility.EXACT]
        written = [change for change in exact if not run.host.observe(change.resource).holds(change.before)]
        return [*restored, *(change.inverse for change in written)], fresh

    def _fresh_memories(self, before: Ledger) -> list[Memory]:
        """But for what was somebody else's when this run came: that goes back to them."""
        memories = list(self._run.ledger.memories_of(self._owner))
        if self._run.has_lasting(self._owner):
            return []
        was_applied = self._owner in before.applied
        came_to = {change.resource: change.before for change in self._planned.changes}
        came_to.update((note.resource, note.after) for note in self._planned.met)
        theirs = {
            resource
            for resource, there in came_to.items()
            if resource in before.memories and not is_ours(before.memories[resource], there)
        }
        return [memory for memory in memories if memory.resource not in (before.memories if was_applied else theirs)]


def _both(owner: Owner, error: Exception, second: Exception) -> SandboxError:
    """What is down stands first, once: until somebody starts it nothing else matters."""
    hint = "mend what is named, then run again: the ledger knows what is open"
    first, again = (one.message if isinstance(one, DownError) else str(one) for one in (error, second))
    message = f"{owner}: {first}; undoing it failed as well: {again}"
    down = next((one for one in (second, error) if isinstance(one, DownError)), None)
    return DownError(down.first, message, hint) if down else SandboxError(message, hint)


def _list(resources: Sequence[Resource]) -> str:
    return ", ".join(str(resource) for resource in resources) or "nothing had been changed"
