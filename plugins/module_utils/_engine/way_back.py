"""The way back: from what is there to what the ledger remembers, of a whole control or of its last run on trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from .changes import Outcome, Plan
from .diffs import describe_mismatch
from .errors import VerificationError
from .ledger import Memory
from .records import Applied, Applying, Forgotten, Record, Trial, TrialEnded, Withdrawn, Wrote
from .resources import Owner, Resource
from .rollback import Conflict, is_back, plan_restore
from .run import Run
from .states import State
from .trials import plan_take_back


def withdraw(run: Run, owner: Owner, force: bool, check_only: bool) -> Outcome:
    """Restore everything that the control remembers. Others' changes are kept, and said, unless forced."""
    memories = run.ledger.memories_of(owner)
    if owner in run.ledger.applying and not check_only:
        run.host.recover([memory.resource for memory in memories])
    changes, conflicts = plan_restore(memories, _observe(run, memories), force)
    planned = Plan(changes, run.host.arrange(changes, run.ledger.pending_of(owner)), conflicts)
    if check_only:
        return Outcome(owner, planned, tuple(map(str, conflicts)))
    if planned:
        run.append([*run.unproven(), Applying(owner), *run.announced(owner, planned)])
    kept = run.restore(changes)
    kept.update(_restore_moved(run, memories, kept))
    run.activate(owner, planned.activations, changes)
    _check_restored(run, memories, {conflict.resource for conflict in conflicts} | set(kept))
    _forget(run, owner, memories, conflicts)
    return Outcome(owner, planned, (*map(str, conflicts), *kept.values()))


def take_back(run: Run, trial: Trial) -> Outcome:
    """Bring a control back to how it was before its run on trial. A control that was not there goes wholly."""
    owner = trial.owner
    memories = run.ledger.memories_of(owner)
    if owner in run.ledger.applying:
        run.host.recover([memory.resource for memory in memories])
    changes, conflicts = plan_take_back(trial, memories, _observe(run, memories))
    planned = Plan(changes, run.host.arrange(changes, run.ledger.pending_of(owner)), conflicts)
    if planned:
        ours = {former.resource for former in trial.formers if former.is_ours}
        written = [Wrote(c.resource, c.after.abridged(), c.activates) for c in changes if c.resource in ours]
        run.append([*run.unproven(), Applying(owner), *written, *run.announced(owner, planned)])
    kept = run.restore(changes)
    kept.update(_restore_moved(run, [memory for memory in memories if memory.resource in trial.fresh], kept))
    run.activate(owner, planned.activations, changes)
    for change in changes:
        if change.resource in kept:
            continue
        there = run.observe_settled(change.resource, partial(State.holds, desired=change.after))
        if not there.holds(change.after):
            raise VerificationError(describe_mismatch(change.resource, change.after, there))
    disputed = {conflict.resource for conflict in conflicts}
    gone = [Forgotten(resource) for resource in reversed(trial.fresh) if resource not in disputed]
    run.append([*gone, *_end_of(trial), TrialEnded(owner)])
    return Outcome(owner, planned, (*map(str, conflicts), *kept.values()))


def _end_of(trial: Trial) -> Iterator[Record]:
    """A run that was cut off before the trial is still to be finished, or rolled back."""
    if trial.was_applying:
        yield Applying(trial.owner)
    else:
        yield Applied(trial.owner) if trial.was_applied else Withdrawn(trial.owner)


def _observe(run: Run, memories: Sequence[Memory]) -> Mapping[Resource, State]:
    return run.observe([memory.resource for memory in memories])


def _restore_moved(run: Run, memories: Sequence[Memory], kept: Mapping[Resource, str]) -> dict[Resource, str]:
    """Footprints that were as remembered, and that going back has moved (a purge takes empty folders along)."""
    footprints = [memory for memory in memories if memory.footprint and memory.resource not in kept]
    return run.restore(plan_restore(footprints, _observe(run, footprints))[0])


def _check_restored(run: Run, memories: Sequence[Memory], left: set[Resource]) -> None:
    for memory in memories:
        if memory.resource in left:
            continue
        there = run.observe_settled(memory.resource, partial(is_back, memory))
        if not is_back(memory, there):
            raise VerificationError(describe_mismatch(memory.resource, memory.before, there))


def _forget(run: Run, owner: Owner, memories: Sequence[Memory], conflicts: Sequence[Conflict]) -> None:
    """What others changed stays remembered, for force. What had to stay because others use it is theirs now."""
    disputed = {conflict.resource for conflict in conflicts}
    # The last one first: after a torn write, what is left must still be in the order in which it goes back.
    gone = [memory.resource for memory in reversed(memories) if memory.resource not in disputed]
    if gone or owner in run.ledger.applied or owner in run.ledger.applying:
        run.append([*(Forgotten(resource) for resource in gone), Withdrawn(owner)])
