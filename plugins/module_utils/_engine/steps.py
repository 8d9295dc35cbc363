"""A change, and its inverse."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .resources import Activation, Resource, Reversibility
from .states import State


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
