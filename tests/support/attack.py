"""A program in a session's container, with layers of its confinement switched off: see `weakened`."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from support.host import Host

_ON_HOST = Path(__file__).parent / "weakened.py"
_KILLED = 128 + 31  # SIGSYS, as a shell would have it


@dataclass(frozen=True)
class Attack:
    """What came of it. `uid`: the host's, of the program; `records`: the kernel's words on filter and profile."""

    status: int
    out: str
    uid: int
    records: tuple[str, ...]

    @property
    def answer(self) -> str:
        """What the program printed, or `killed` when the filter killed it."""
        return "killed" if self.status == _KILLED else self.out.strip()


def attack(
    host: Host, program: str, without: Sequence[str] = (), capability: str = "", arguments: Sequence[str] = ()
) -> Attack:
    parameters = {
        "program": program,
        "without": list(without),
        "capability": capability,
        "arguments": list(arguments),
    }
    found = json.loads(host.out(f"python3 - {shlex.quote(json.dumps(parameters))}", stdin=_ON_HOST.read_bytes()))
    return Attack(found["status"], found["out"], found["uid"], tuple(found["records"]))
