"""Which controls make up each phase, in the order in which they are applied."""

from __future__ import annotations

from collections.abc import Iterable

from .._core.resources import Owner

# The last one of a phase is applied when all before it were, and makes the host one of that level. A control that a
# release adds to a phase stands before it: a host keeps its level, and is told what it is without.
PHASES: dict[int, tuple[str, ...]] = {
    1: ("program", "kernel", "packages", "docker", "image", "egress", "container"),
    2: ("subids", "userns", "carried", "seccomp", "apparmor"),
}


def owner_of(control: str) -> Owner:
    """Raises KeyError for a control that no phase has."""
    for phase, controls in PHASES.items():
        if control in controls:
            return Owner(phase, control)
    raise KeyError(control)


def level_reached(applied: Iterable[Owner]) -> int:
    """The highest phase whose last control is applied, as is that of every phase below it. 0 when none is."""
    there = set(applied)
    level = 0
    for phase, controls in sorted(PHASES.items()):
        if Owner(phase, controls[-1]) not in there:
            break
        level = phase
    return level


def find_lacking(applied: Iterable[Owner]) -> tuple[str, ...]:
    """The controls of the host's level, and of those below, that are not applied."""
    there = set(applied)
    phases = range(1, level_reached(there) + 1)
    return tuple(control for phase in phases for control in PHASES[phase] if Owner(phase, control) not in there)
