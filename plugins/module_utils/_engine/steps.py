"""A change, its inverse, and the activations that a list of changes needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .resources import Activation, Resource, Reversibility
from .states import State

_VERB_ORDER = {"daemon-reload": 0, "compile": 1, "reload": 2, "restart": 3}


@dataclass(frozen=True)
class Change:
    """From `before` (all facts, as observed) to `after` (the facts that matter)."""

    resource: Resource
    before: State
    after: State
    activates: tuple[Activation, ...] = ()
    check: tuple[str, ...] = ()
    reversibility: Reversibility = Reversibility.EXACT

    @property
    def inverse(self) -> Change:
        """The way back. What only the way there knew of the resource is kept for it."""
        return replace(self, before=self.after.under(self.before), after=self.before, check=())


def coalesce_activations(changes: Sequence[Change], pending: Iterable[Activation] = ()) -> tuple[Activation, ...]:
    """Each activation once: daemon-reload first, and no reload of a unit that is restarted or started anyway."""
    wanted = {activation for change in changes for activation in change.activates} | set(pending)
    started = {change.resource.name for change in changes if _starts_unit(change)}
    restarted = {activation.unit for activation in wanted if activation.verb == "restart"}
    kept = {
        activation
        for activation in wanted
        if not (activation.unit and activation.unit in started)
        and not (activation.verb == "reload" and activation.unit in restarted)
    }
    return tuple(sorted(kept, key=lambda activation: (_VERB_ORDER[activation.verb], activation.unit)))


def _starts_unit(change: Change) -> bool:
    """A unit that goes from stopped to running reads its new files by itself."""
    is_unit = change.resource.kind == "unit"
    return is_unit and change.after.fact("active") == "active" and change.before.fact("active") != "active"
