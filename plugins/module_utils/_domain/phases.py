"""Which controls make up each phase, in the order in which they are applied."""

from __future__ import annotations

from collections.abc import Iterable

from .._core.resources import Owner

PHASES: dict[int, tuple[str, ...]] = {
    1: ("program", "packages", "docker", "image", "egress", "container"),
    2: ("subids", "userns", "carried", "seccomp", "apparmor"),
}


def owner_of(control: str) -> Owner:
    """Raises KeyError for a control that no phase has."""
    for phase, controls in PHASES.items():
        if control in controls:
            return Owner(phase, control)
    raise KeyError(control)


def level_reached(applied: Iterable[Owner]) -> int:
    """The highest level of which every control, and every control below it, is applied. 0 when none is."""
    there = set(applied)
    level = 0
    for phase, controls in sorted(PHASES.items()):
        if not all(Owner(phase, control) in there for control in controls):
            break
        level = phase
    return level
