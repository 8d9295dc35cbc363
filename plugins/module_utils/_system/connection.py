"""Since when the ssh connection is there by which this process came."""

from __future__ import annotations

import os
import time
from pathlib import Path

from .._engine.moments import Moment

_DAEMON = "sshd"
# After the name of the program, which stands in brackets: state and parent; further on the start, in ticks since boot.
_PARENT, _START = 1, 19
_BOOT = "sys/kernel/random/boot_id"
# What the kernel tells processes' starts in, whatever its own clock ticks.
_TICKS_A_SECOND = 100


def read_now(proc: Path = Path("/proc")) -> Moment:
    return Moment(_read_boot(proc), int(time.clock_gettime(time.CLOCK_BOOTTIME) * _TICKS_A_SECOND))


def find_connection(pid: int | None = None, proc: Path = Path("/proc")) -> Moment | None:
    """The start of the nearest sshd above this process, which serves one connection; None when there is none.

    Sessions that share a connection (ControlPersist) share it.
    """
    pid = pid or os.getpid()
    while pid > 0:
        try:
            text = (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        name, _unused, rest = text.partition("(")[2].rpartition(")")
        fields = rest.split()
        if name.startswith(_DAEMON):
            return Moment(_read_boot(proc), int(fields[_START]))
        pid = int(fields[_PARENT])
    return None


def _read_boot(proc: Path) -> str:
    return (proc / _BOOT).read_text(encoding="ascii").strip()
