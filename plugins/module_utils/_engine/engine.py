"""The engine: up by a control, down by the ledger, and the trials in between. One run at a time, under the lock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .changes import Outcome, Plan, find_dropped, plan
from .errors import RefusedError, UnreachableError
from .ledger import fold, records_of
from .moments import Moment
from .ports import Host, Store
from .records import Forgotten, Proven, Record, Trial, TrialEnded
from .resources import Control, Owner, Resource
from .resume import resume
from .rollback import is_back, is_ours, plan_restore
from .run import Run
from .states import State
from .steps import Change
from .trials import refuse_on_trial
from .way_back import take_back, withdraw
from .way_up import carry_out, find_met

# Past this many records the ledger is written anew in its shortest form.
_COMPACT_AFTER = 500


@dataclass(frozen=True)
class RollbackWish:
    """Down to which level, or one control alone; whether others' changes go too, and what is lasting."""

    to_level: int = 0
    control: str | None = None
    force: bool = False
    lasting: bool = False


class Engine:
    """Runs controls on a host."""

    def __init__(self, host: Host, store: Store) -> None:
        self._host = host
        self._store = store

    def apply(self, control: Control, check_only: bool = False) -> Outcome:
        """Bring the host to what the control wishes. On failure this run's changes are undone and the error says so."""
        with self._store.lock(f"apply {control.owner}"):
            run = Run(self._host, self._store)
            records = run.load()
            lost = resume(run, control.owner, _resources_of(run, control), check_only)
            control = Control(control.owner, self._host.complete(control.wishes), control.health, control.is_risky)
            resources = _resources_of(run, control)
            observed, unseen = run.foresee(resources) if check_only else (run.observe(resources), ())
            planned = plan(control, {**observed, **lost, **_left_to_others(run, control)}, run.ledger, run.host.arrange)
            has_written = not check_only and self._carry_out(run, control, planned)
            if has_written and len(records) > _COMPACT_AFTER:
                self._store.replace(records_of(run.ledger))
            kept = tuple(str(conflict) for conflict in planned.conflicts)
            trial = "" if check_only else _trial_of(run, control.owner)
            return Outcome(control.owner, planned, kept, trial, unseen, run.ledger.unproven)

    def _carry_out(self, run: Run, control: Control, planned: Plan) -> bool:
        """Whether there was anything to write, be it to the ledger alone."""
        is_settled = control.owner in run.ledger.applied and control.owner not in run.ledger.applying
        if planned or not is_settled:
            refuse_on_trial(control, run.ledger)
            for change in planned.changes:
                self._host.rehearse(change)
            carry_out(run, control, planned)
            return True
        met = find_met(run, control.owner, planned)
        # Changed by others to what is wished now: no session has been opened since.
        noted: tuple[Record, ...] = (*(run.unproven() if met else ()), *_gone_already(run, control), *met)
        if noted:
            run.append(noted)
        return bool(noted)

    def roll_back(self, wish: RollbackWish, check_only: bool = False) -> tuple[Outcome, ...]:
        """Bring back what was remembered, the last control first. Others' changes are kept, and said, unless forced."""
        with self._store.lock("roll back"):
            run = Run(self._host, self._store)
            run.load()
            before = run.ledger
            owners = _choose_owners(run, wish)
            _refuse_hidden(run, owners, wish.force)
            if not check_only:
                self._host.consent(_foresee_way_back(run, owners, wish.force), wish.force)
            outcomes = tuple(withdraw(run, owner, wish.force, check_only) for owner in owners)
            if not check_only and run.ledger.trial is None:
                _release_what_came_back(run)
            has_husk = run.ledger.is_empty and not check_only
            if run.ledger != before or has_husk:
                self._store.replace(records_of(run.ledger))
            return tuple(outcome for outcome in outcomes if outcome.changed or outcome.kept)

    @property
    def is_on_trial(self) -> bool:
        """Whether something waits to be confirmed. Without the lock: a moment's look."""
        return fold(self._store.read()).trial is not None

    def confirm(self, name: str | None = None, must_be_new: bool = True) -> Owner | None:
        """End the trial of that name, or whichever there is: its changes stay. None when there is none.

        Raises RefusedError when the named one is over, when its run was cut off, and when `must_be_new` and this
        connection is older than the run: it may be the last one that this host has let in.
        """
        with self._store.lock("confirm"):
            run = Run(self._host, self._store)
            run.load()
            trial = run.ledger.trial
            if name is not None and (trial is None or trial.name != name):
                raise RefusedError(
                    f"trial {name}: is over: it was taken back, or confirmed by somebody else",
                    "ably-sandbox status tells what is there",
                )
            if trial is None:
                return None
            if trial.owner in run.ledger.applying:
                raise RefusedError(f"{trial.owner}: its run was cut off, and is not whole", "run the playbook again")
            connected = self._host.connected()
            if must_be_new and connected and not connected.is_after(Moment.parse(trial.since)):
                raise RefusedError(f"{trial.owner}: this connection is older than its run", "open a new one")
            gone = (Forgotten(resource) for resource in _gone(run, trial))
            # Last what is only noted: after a torn write the next run notes it, and what goes back claims nothing.
            run.append([*gone, TrialEnded(trial.owner), *trial.met])
            self._host.disarm()
            return trial.owner

    def settle(self, must_be_new: bool = True) -> Owner | None:
        """End what an earlier run left on trial: kept when that run was whole, and else taken back. None when none was.

        Also taken back when this connection may be the last one that the host lets in: nothing is built upon a doubt.
        """
        waiting = fold(self._store.read()).trial
        try:
            return self.confirm(must_be_new=must_be_new)
        except RefusedError:
            self.revert()
            return waiting.owner if waiting else None

    def prove(self, before: Sequence[Record], warning: str = "") -> bool:
        """Note that a session was opened. `before`: the records when that began; `warning`: see `Proven`.

        False when the host has changed meanwhile: what was proven is not what is there.
        """
        with self._store.lock("note that a session was opened"):
            run = Run(self._host, self._store)
            there = run.load()
            # Records, not what they amount to: a run that mends something leaves the ledger as it was.
            since = there[len(before) :]
            is_same = there[: len(before)] == tuple(before) and all(isinstance(record, Proven) for record in since)
            if run.ledger.is_empty or not is_same:
                return False
            run.append([Proven(self._host.date(), warning)])
            return True

    def revert(self) -> Outcome | None:
        """Take back what is on trial. None when nothing is."""
        with self._store.lock("take back what nobody confirmed"):
            run = Run(self._host, self._store)
            run.load()
            if run.ledger.trial is None:
                return None
            outcome = take_back(run, run.ledger.trial)
            if run.ledger.is_empty:
                self._store.replace(())
            return outcome


def _gone(run: Run, trial: Trial) -> Iterator[Resource]:
    """What the control no longer wishes, and that is back to what it was."""
    for resource in reversed(trial.dropped):
        memory = run.ledger.memory(resource)
        if memory is None or run.find_hider(resource):
            continue
        if is_back(memory, run.host.observe(resource)):
            yield resource


def _release_what_came_back(run: Run) -> None:
    """What a control removed while it was out of sight, and that is seen again, goes now for good."""
    for memory in reversed(tuple(run.ledger.memories.values())):
        can_be_hidden = bool(run.host.traits(memory.resource.kind).hidden_by)
        is_removed = bool(memory.written) and memory.before.is_absent and memory.written[-1].is_absent
        if not can_be_hidden or not is_removed or run.find_hider(memory.resource):
            continue
        changes, conflicts = plan_restore([memory], run.observe([memory.resource]))
        if not conflicts and not run.restore(changes):
            run.append([Forgotten(memory.resource)])


def _gone_already(run: Run, control: Control) -> Iterator[Forgotten]:
    """What the control no longer wishes, and another one has taken along. Nothing while it is on trial."""
    if run.ledger.trial is not None:
        return
    for memory in reversed(find_dropped(control, run.ledger)):
        if not run.find_hider(memory.resource) and is_back(memory, run.host.observe(memory.resource)):
            yield Forgotten(memory.resource)


def _left_to_others(run: Run, control: Control) -> Mapping[Resource, State]:
    """What went back in place of the one that is hidden: whatever is there now was brought by somebody else."""
    dropped = find_dropped(control, run.ledger)
    gone = (m for m in dropped if m.written and m.written[-1] == m.before.abridged() and run.find_hider(m.resource))
    return {memory.resource: memory.before for memory in gone}


def _trial_of(run: Run, owner: Owner) -> str:
    trial = run.ledger.trial
    return trial.name if trial is not None and trial.owner == owner else ""


def _choose_owners(run: Run, wish: RollbackWish) -> list[Owner]:
    """Those that go back: the last phase first, and in a phase the last control."""
    meant = [owner for owner in reversed(run.ledger.owners) if _is_meant(run, owner, wish)]
    return sorted(meant, key=lambda owner: -owner.phase)


def _refuse_hidden(run: Run, owners: Sequence[Owner], force: bool) -> None:
    """Raise RefusedError unless what hides any of this goes back as well."""
    for memory in (memory for owner in owners for memory in run.ledger.memories_of(owner)):
        hider = run.find_hider(memory.resource)
        if hider is None or (hider.owner in owners and (force or is_ours(hider, run.host.observe(hider.resource)))):
            continue
        raise RefusedError(
            f"{memory.resource}: is out of sight because of {hider.resource}, which would stay",
            f"roll back {hider.owner} as well, with force where somebody has changed it; nothing is changed",
        )


def _foresee_way_back(run: Run, owners: Sequence[Owner], force: bool) -> tuple[Change, ...]:
    """All that goes back. Raises RefusedError unless all can be seen: better that nothing goes back than the half."""
    memories = [memory for owner in owners for memory in run.ledger.memories_of(owner)]
    try:
        changes, _unused = plan_restore(memories, run.observe([memory.resource for memory in memories]), force)
    except UnreachableError as error:
        raise RefusedError(f"rollback: {error.message}", f"{error.hint or 'see to it'}; nothing is changed") from error
    return changes


def _is_meant(run: Run, owner: Owner, wish: RollbackWish) -> bool:
    """A control that has something lasting stays unless that is meant to go."""
    wanted = owner.phase > wish.to_level and wish.control in (None, owner.control)
    return wanted and (wish.lasting or not run.has_lasting(owner))


def _resources_of(run: Run, control: Control) -> list[Resource]:
    remembered = [memory.resource for memory in run.ledger.memories_of(control.owner)]
    return list(dict.fromkeys([*(wish.resource for wish in control.wishes), *remembered]))
