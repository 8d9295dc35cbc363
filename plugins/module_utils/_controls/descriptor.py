"""What a session and a host's level have to know of a control. Each control says it once; `registry` collects it.

Loaded whenever a session starts, so a descriptor imports little: what preflight asks is each control's `search`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .._engine.resources import Owner
from .container.spec import SessionSpec
from .keys import Key
from .session_view import KernelView, ProcessView

SessionCheck = Callable[[SessionSpec, int, KernelView], "list[str]"]
ProcessCheck = Callable[[SessionSpec, int, ProcessView], "list[str]"]

FIRST_RELEASE = "0.1.0"


@dataclass(frozen=True)
class Descriptor:
    """`owner`: phase and name. `ledger_name`: what it is called in the ledgers of hosts, where it was renamed since.

    `since`: the release that brought it. `role`: that applies it, where that is not of its name.

    `keys`: of the sessions' specification, that its fragment gives. `session_checks`: what a session's container lacks
    of the control, by its specification, its slot, and what the kernel says; `process_checks`: any of its processes;
    `command_checks`: the command line's.
    """

    owner: Owner
    since: str = FIRST_RELEASE
    role: str = ""
    ledger_name: str = ""
    keys: Mapping[str, Key] = field(default_factory=dict)
    session_checks: tuple[SessionCheck, ...] = ()
    process_checks: tuple[ProcessCheck, ...] = ()
    command_checks: tuple[ProcessCheck, ...] = ()

    @property
    def is_added(self) -> bool:
        """Whether hosts of an earlier release are at the level of its phase without it."""
        return self.since != FIRST_RELEASE
