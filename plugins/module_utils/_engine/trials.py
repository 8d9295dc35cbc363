"""Commit-confirm: what a run on trial has to keep in mind, and the way back from it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from .changes import Plan
from .errors import RefusedError
from .ledger import Ledger, Memory
from .moments import Moment
from .records import Former, Trial
from .resources import Control, Resource, Reversibility
from .rollback import Conflict, find_conflict, is_ours, plan_restore
from .states import State
from .steps import Change

_NAME_DIGITS = 12


def refuse_on_trial(control: Control, ledger: Ledger) -> None:
    """Raise RefusedError when something else is on trial: nothing is built upon it, and there is one at a time."""
    trial = ledger.trial
    if trial is None or trial.owner == control.owner:
        return
    owners = ledger.owners
    is_below = control.owner in owners and owners.index(control.owner) < owners.index(trial.owner)
    if control.is_risky or not is_below:
        raise RefusedError(
            f"{control.owner}: {trial.owner} is still on trial",
            "run `ably-sandbox confirm` or `ably-sandbox revert` on the host, or wait until it takes itself back",
        )


def begin_trial(control: Control, planned: Plan, ledger: Ledger, since: Moment) -> Trial:
    """The trial of a run that is about to carry `planned` out. An open one of the same control goes on in it."""
    last = ledger.trial
    owner, wished = control.owner, {wish.resource for wish in control.wishes}
    was_applied = last.was_applied if last else owner in ledger.applied
    formers = {former.resource: former for former in (last.formers if last else ())}
    fresh = dict.fromkeys(last.fresh if last else ())
    changed = [change for change in planned.changes if change.reversibility is not Reversibility.NONE]
    for change in changed:
        if ledger.memory(change.resource) is not None and change.resource not in fresh:
            formers.setdefault(change.resource, _former(ledger.memories[change.resource], change))
    if not was_applied:
        # It goes back to nothing: all of it, but for what was somebody else's when the run came.
        formers = {resource: former for resource, former in formers.items() if not former.is_ours}
        fresh.update(dict.fromkeys(m.resource for m in ledger.memories_of(owner) if m.resource not in formers))
    footprints = (wish.resource for wish in control.wishes if wish.state is None)
    new = (*(change.resource for change in changed), *footprints)
    fresh.update(dict.fromkeys(resource for resource in new if ledger.memory(resource) is None))
    # Also what is back to how it was already, without a change of this run: it is forgotten with the others.
    tracked = (memory.resource for memory in ledger.memories_of(owner))
    dropped = dict.fromkeys((*(last.dropped if last else ()), *(change.resource for change in changed), *tracked))
    return Trial(
        owner=owner,
        # Of no other run: they come one after the other.
        name=hashlib.sha256(str(since).encode()).hexdigest()[:_NAME_DIGITS],
        since=str(since),
        was_applied=was_applied,
        was_applying=last.was_applying if last else owner in ledger.applying,
        formers=tuple(formers.values()),
        fresh=tuple(fresh),
        dropped=tuple(resource for resource in dropped if resource not in wished),
        met=planned.met,
    )


def _former(memory: Memory, change: Change) -> Former:
    return Former(change.resource, change.before, change.activates, is_ours(memory, change.before))


def plan_take_back(
    trial: Trial, memories: Sequence[Memory], observed: Mapping[Resource, State]
) -> tuple[tuple[Change, ...], tuple[Conflict, ...]]:
    """Back to how things were before the run. The three-way rule holds here too."""
    fresh = [memory for memory in memories if memory.resource in trial.fresh]
    restored, disputed = plan_restore(fresh, observed)
    by_resource = {memory.resource: memory for memory in memories}
    changes, conflicts = list(restored), list(disputed)
    for former in reversed(trial.formers):
        there = observed[former.resource]
        if there.holds(former.before):
            continue
        conflict = find_conflict(by_resource[former.resource], there)
        if conflict is None:
            changes.append(Change(former.resource, there, former.before, former.activates))
        else:
            conflicts.append(conflict)
    return tuple(changes), tuple(conflicts)
