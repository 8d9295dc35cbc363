"""States: what a resource looks like, as a plain value. `ABSENT` is an ordinary state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What JSON can carry. `Any` stands here alone: states cross the border to JSON.
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class State:
    """The facts of a resource, or none where there is no such thing.

    A desired state names only the facts that matter to its control; an observed state names all that are
    needed to bring the resource back. A fact whose name starts with an underscore is a note for the way there and back
    (an archive's path, what a package brings along): it is kept, and never compared.
    """

    facts: Facts | None = None

    @property
    def is_absent(self) -> bool:
        return self.facts is None

    def holds(self, desired: State) -> bool:
        """True when every fact that `desired` names is so here."""
        if self.facts is None or desired.facts is None:
            return self.facts is desired.facts
        mine = self.facts
        return all(key in mine and mine[key] == value for key, value in desired.facts.items() if key[:1] != "_")

    def under(self, other: State) -> State:
        """These facts, completed with those that only `other` knows. Absent stays absent."""
        if self.facts is None or other.facts is None:
            return self
        return State({**other.facts, **self.facts})

    def fact(self, key: str, default: Any = None) -> Any:
        return default if self.facts is None else self.facts.get(key, default)


ABSENT = State(None)


def present(**facts: Any) -> State:
    return State(facts)
