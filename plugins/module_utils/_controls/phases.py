"""Which controls make up each phase, in the order in which they are applied."""

from __future__ import annotations

from collections.abc import Iterable

from .._engine.resources import Owner

PHASES: dict[int, tuple[str, ...]] = {
    1: ("program", "kernel", "packages", "docker", "image", "egress", "container"),
    2: ("subids", "userns", "carried", "seccomp", "apparmor"),
}
# What releases have added since 0.1.0: a host without it keeps its level, and is told what it is without.
ADDED = frozenset({"kernel"})


def owner_of(control: str) -> Owner:
    """Raises KeyError for a control that no phase has."""
    for phase, controls in PHASES.items():
        if control in controls:
            return Owner(phase, control)
    raise KeyError(control)


def level_reached(applied: Iterable[Owner]) -> int:
    """The highest level of which every control but those added, and every one below it, is applied. 0 when none is."""
    there = set(applied)
    level = 0
    for phase, controls in sorted(PHASES.items()):
        if not all(Owner(phase, control) in there for control in controls if control not in ADDED):
            break
        level = phase
    return level


def find_lacking(applied: Iterable[Owner]) -> tuple[str, ...]:
    """The added controls of the host's level, and of those below, that are not applied."""
    there = set(applied)
    phases = range(1, level_reached(there) + 1)
    wanted = (Owner(phase, control) for phase in phases for control in PHASES[phase] if control in ADDED)
    return tuple(owner.control for owner in wanted if owner not in there)
