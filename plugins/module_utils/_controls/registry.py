"""Every control, in the order in which they are applied: phase by phase. The one place that lists them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._engine.resources import Owner
from .agent.descriptor import AGENT
from .apparmor.descriptor import APPARMOR
from .container.descriptor import CONTAINER
from .container.spec import SessionSpec, parse_fragments
from .descriptor import Descriptor
from .docker.descriptor import DOCKER, PACKAGES
from .egress.descriptor import EGRESS
from .image.descriptor import IMAGE
from .kernel.descriptor import KERNEL
from .seccomp.descriptor import SECCOMP
from .session_view import KernelView, ProcessView
from .userns.descriptor import DOCKER_OBJECTS, SUBIDS, USERNS

CONTROLS: tuple[Descriptor, ...] = (
    AGENT,
    # Before Docker, whose start loads a module that no session needs.
    KERNEL,
    PACKAGES,
    DOCKER,
    IMAGE,
    EGRESS,
    CONTAINER,
    SUBIDS,
    USERNS,
    DOCKER_OBJECTS,
    SECCOMP,
    APPARMOR,
)
# Of the sessions' specification: every control's.
KEYS = {name: key for control in CONTROLS for name, key in control.keys.items()}
# A renamed control's name to the one that ledgers on hosts know it by, which never changes.
LEDGER_NAMES = {control.owner.control: control.ledger_name for control in CONTROLS if control.ledger_name}
_PROCESS_CHECKS = tuple(check for control in CONTROLS for check in control.process_checks)
LEVELS = range(max(control.owner.phase for control in CONTROLS) + 1)


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


def find_role(owner: Owner) -> str:
    """The role that applies the control, which is its tag in `site`. A release to come may know controls besides."""
    roles = (control.role for control in CONTROLS if control.owner == owner)
    return next(roles, "") or owner.control


def parse_spec(texts: Mapping[str, str]) -> SessionSpec:
    """The specification that the controls' fragments make: file name to JSON text."""
    return parse_fragments(texts, KEYS)


def find_missing(spec: SessionSpec, slot: int, view: KernelView) -> list[str]:
    """What a session's container lacks, and its first process."""
    checks = (check for control in CONTROLS for check in control.session_checks)
    return [
        *(sentence for check in checks for sentence in check(spec, slot, view)),
        *(sentence for check in _PROCESS_CHECKS for sentence in check(spec, slot, view.process)),
    ]


def find_missing_in_process(spec: SessionSpec, slot: int, process: ProcessView) -> list[str]:
    """What the command line's process lacks."""
    checks = (*_PROCESS_CHECKS, *(check for control in CONTROLS for check in control.command_checks))
    return [sentence for check in checks for sentence in check(spec, slot, process)]
