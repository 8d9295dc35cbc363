"""States: what a resource looks like, as a plain value. `ABSENT` is an ordinary state."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What JSON can carry. `Any` stands here alone: states cross the border to JSON.
Facts = Mapping[str, Any]

# Characters. Longer texts are file contents and rulesets: the ledger need not hold what we wrote, only know it again.
_LONG = 200


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
        return all(key in mine and is_same(mine[key], value) for key, value in desired.facts.items() if key[:1] != "_")

    def under(self, other: State) -> State:
        """These facts, completed with those that only `other` knows. Absent stays absent."""
        if self.facts is None or other.facts is None:
            return self
        return State({**other.facts, **self.facts})

    def abridged(self) -> State:
        """The same state for comparing with, not for restoring: long texts are their digests."""
        if self.facts is None:
            return self
        return State({name: _abridge(value) for name, value in self.facts.items()})

    def without_notes(self) -> State:
        """The facts that are compared."""
        if self.facts is None:
            return self
        return State({name: value for name, value in self.facts.items() if name[:1] != "_"})

    def fact(self, key: str, default: Any = None) -> Any:
        return default if self.facts is None else self.facts.get(key, default)


ABSENT = State(None)


def is_same(value: Any, recorded: Any) -> bool:
    """Whether a fact is the recorded one, which may have been abridged."""
    return bool(value == recorded or (isinstance(value, str) and _abridge(value) == recorded))


def _abridge(value: Any) -> Any:
    if not isinstance(value, str) or len(value) <= _LONG:
        return value
    return {"sha256": hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()}
