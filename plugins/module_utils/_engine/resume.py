"""The way up again after a run that was cut off: what it left half done goes, and what only looks finished."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .errors import RefusedError, SandboxError
from .resources import Owner, Resource
from .rollback import plan_restore
from .run import Run
from .states import State
from .steps import Change


def resume(run: Run, owner: Owner, resources: Sequence[Resource], check_only: bool) -> dict[Resource, State]:
    """Leave only what is whole. In check mode nothing goes: returned are the states that there would be instead.

    Raises SandboxError for damage in what is not ours, or has to stay.
    """
    if owner not in run.ledger.applying:
        return {}
    if check_only:
        return {change.resource: change.after for change, _unused in _find_damaged(run, resources)}
    run.host.recover(resources)
    # All are judged before the first goes, and the last goes first, as on every way back.
    for change, damage in reversed(tuple(_find_damaged(run, resources))):
        for kept in run.restore([change]).values():
            raise SandboxError(f"{change.resource}: {damage}; {kept}", "end what uses it, then run again")
    return {}


def _find_damaged(run: Run, resources: Sequence[Resource]) -> Iterator[tuple[Change, str]]:
    """What goes back to how it was, with the reason. Raises RefusedError for what did not come from here."""
    for resource in resources:
        damage = run.host.find_damage(resource)
        if not damage:
            continue
        memory = run.ledger.memory(resource)
        changes, _unused = plan_restore([memory] if memory else [], run.observe([resource]))
        if not changes:
            raise RefusedError(f"{resource}: {damage}; it did not come from here", "remove or mend it, then run again")
        yield changes[0], damage
