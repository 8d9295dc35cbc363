"""Which of ssh's connections this process came by."""

from __future__ import annotations

import os
from pathlib import Path

_DAEMON = "sshd"
# After the name of the program, which stands in brackets: state and parent; further on the start, in ticks since boot.
_PARENT, _START = 1, 19


def find_connection(pid: int | None = None, proc: Path = Path("/proc")) -> str:
    """`pid:start` of the nearest sshd above this process, which serves one connection; empty when there is none.

    Sessions that share a connection (ControlPersist) share it.
    """
    pid = pid or os.getpid()
    while pid > 0:
        try:
            text = (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        name, _, rest = text.partition("(")[2].rpartition(")")
        fields = rest.split()
        if name.startswith(_DAEMON):
            return f"{pid}:{fields[_START]}"
        pid = int(fields[_PARENT])
    return ""
