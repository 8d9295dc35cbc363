"""Which activations a list of changes needs, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .._engine.resources import Activation
from .._engine.steps import Change
from .._formats.resource_facts import UnitFacts, facts_of

# A service that is started anew finds its unit's file read and its byte code made.
VERBS = ("daemon-reload", "compile", "reload", "restart")


def arrange_activations(changes: Sequence[Change], pending: Iterable[Activation] = ()) -> tuple[Activation, ...]:
    """Each once: daemon-reload first, and no reload of a unit that is restarted or started anyway."""
    wanted = {activation for change in changes for activation in change.activates} | set(pending)
    started = {change.resource.name for change in changes if _starts_unit(change)}
    restarted = {activation.unit for activation in wanted if activation.verb == "restart"}
    kept = {
        activation
        for activation in wanted
        if not (activation.unit and activation.unit in started)
        and not (activation.verb == "reload" and activation.unit in restarted)
    }
    return tuple(sorted(kept, key=lambda activation: (VERBS.index(activation.verb), activation.unit)))


def _starts_unit(change: Change) -> bool:
    """A unit that goes from stopped to running reads its new files by itself."""
    if change.resource.kind != "unit":
        return False
    before, after = (facts_of(UnitFacts, state) or UnitFacts() for state in (change.before, change.after))
    return after.active == "active" and before.active != "active"
