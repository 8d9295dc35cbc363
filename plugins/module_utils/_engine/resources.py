"""Resources, the wishes for them, and the control that a set of wishes makes up."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from .states import State


@dataclass(frozen=True, order=True)
class Resource:
    """One thing on the host. `kind` names the technology, `name` is unique within it (a path, a unit, …)."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Traits:
    """What the engine has to know of a kind of resource. All else about it is its provider's business.

    `hidden_by`: the kind that hides these, empty where nothing does. While there is one of those, another of the same
    name is seen; what was seen before is still there, and is seen again after the way back.

    `settling_seconds`: how long a program of ours that keeps the resource may take to see that it is meant to be
    another now.

    `is_swapped_together`: neighbouring changes are made in one go. `is_lasting`: others may rely on it by now, so a
    control that has one stays, unless a rollback is told that these go as well.
    """

    hidden_by: str = ""
    settling_seconds: float = 0.0
    is_swapped_together: bool = False
    is_lasting: bool = False


@dataclass(frozen=True, order=True)
class Owner:
    """The control of a phase. A resource has one at the most."""

    phase: int
    control: str

    def __str__(self) -> str:
        return f"{self.control} (phase {self.phase})"


class Reversibility(str, Enum):
    """How truly a change can be taken back. What cannot be is not remembered: a repair, for one."""

    EXACT = "exact"
    BEST_EFFORT = "best effort"
    NONE = "none"


@dataclass(frozen=True, order=True)
class Activation:
    """What makes a change live: a `verb` that the host knows, done to a `unit`, or where that is empty to all."""

    verb: str
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {self.unit}".strip()


@dataclass(frozen=True)
class Wish:
    """How a resource shall be.

    `state` is None for a footprint: a thing that is not ours to set, but that our other changes move (a counter file
    of the package manager, a sysctl that Docker turns on). It is remembered and put back, never planned.
    `check` is a command that must accept a file before it is put in place; `{}` in it is the file's path.
    """

    resource: Resource
    state: State | None
    activates: tuple[Activation, ...] = ()
    check: tuple[str, ...] = ()
    reversibility: Reversibility = Reversibility.EXACT


@dataclass(frozen=True)
class Control:
    """One protection: who owns it, what it wishes, in order, and the commands that must succeed once it is live.

    A risky one could cut the host off: its changes are on trial until they are confirmed over a new connection.
    """

    owner: Owner
    wishes: tuple[Wish, ...]
    health: tuple[tuple[str, ...], ...] = field(default=())
    is_risky: bool = False
