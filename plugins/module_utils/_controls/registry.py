"""Every control, in the order in which they are applied: phase by phase. The one place that lists them."""

from __future__ import annotations

from collections.abc import Iterable

from .._engine.resources import Owner
from .apparmor.descriptor import APPARMOR
from .container.descriptor import CONTAINER
from .descriptor import Descriptor
from .docker.descriptor import DOCKER, PACKAGES
from .egress.descriptor import EGRESS
from .image.descriptor import IMAGE
from .kernel.descriptor import KERNEL
from .program.descriptor import PROGRAM
from .seccomp.descriptor import SECCOMP
from .userns.descriptor import CARRIED, SUBIDS, USERNS

CONTROLS: tuple[Descriptor, ...] = (
    PROGRAM,
    # Before Docker, whose start loads a module that no session needs.
    KERNEL,
    PACKAGES,
    DOCKER,
    IMAGE,
    EGRESS,
    CONTAINER,
    SUBIDS,
    USERNS,
    CARRIED,
    SECCOMP,
    APPARMOR,
)
# What preflight looks at besides.
_PREFLIGHT_READS = ("sandbox_level", "sandbox_allow_rollback", "sandbox_preflight_disk_mib")
PREFLIGHT_VARIABLES = tuple(dict.fromkeys((*_PREFLIGHT_READS, *(name for one in CONTROLS for name in one.reads))))
LEVELS = range(max(control.owner.phase for control in CONTROLS) + 1)


def controls_of(level: int) -> tuple[Descriptor, ...]:
    """Those that a host at this level has."""
    return tuple(control for control in CONTROLS if control.owner.phase <= level)


def level_reached(applied: Iterable[Owner]) -> int:
    """The highest level of which every control but those added, and every one below it, is applied. 0 when none is."""
    there = set(applied)
    missing = [control.owner.phase for control in CONTROLS if not control.is_added and control.owner not in there]
    return min(missing) - 1 if missing else LEVELS[-1]


def find_lacking(applied: Iterable[Owner]) -> tuple[str, ...]:
    """The added controls of the host's level, and of those below, that are not applied."""
    there = set(applied)
    level = level_reached(there)
    wanted = (control.owner for control in CONTROLS if control.is_added and control.owner.phase <= level)
    return tuple(owner.control for owner in wanted if owner not in there)
