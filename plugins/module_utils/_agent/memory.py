"""Who goes first when memory is short: a session's command line, then its pause program, and the host's services last.

crun gives a program that is executed in a container the adjustment of containerd's shim (-998), runc that of the
container; and whatever value a process has, it may go back to the lowest that root ever gave it. So the whole group is
stopped, every process in it is given its value with CAP_SYS_RESOURCE, which moves that floor, and the group goes on.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .._controls.container.create import OOM_SCORE_ADJ_COMMAND
from .._engine.errors import SandboxError
from .kernel import CGROUP_ROOT, cgroup_folder

_DOCKERS = ".scope"
_SECONDS = 10.0
_STEP = 0.002


class RankError(SandboxError):
    """A session's processes cannot be told apart from the host's when memory is short."""


def cgroup_of(pid: int, proc: Path = Path("/proc"), root: Path = CGROUP_ROOT) -> Path:
    """The folder of the process's group in the unified hierarchy."""
    try:
        text = (proc / str(pid) / "cgroup").read_text(encoding="ascii")
    except OSError as error:
        raise RankError(f"process {pid}: its group cannot be read: {error.strerror}") from error
    folder = cgroup_folder(text, root)
    if not folder:
        raise RankError(f"process {pid}: has no group in the unified hierarchy")
    return folder


def rank(cgroup: Path, pause: int, proc: Path = Path("/proc")) -> None:
    """Every process of the group but `pause` gets the command line's value, and cannot have a lower one again."""
    try:
        with _frozen(cgroup):
            for pid in _pids(cgroup):
                if pid != pause:
                    _set_value(proc / str(pid) / "oom_score_adj")
    except OSError as error:
        raise RankError(f"{cgroup}: its processes cannot be given their place: {error}") from error


@dataclass(frozen=True)
class Shortage:
    """How many processes of a session's group the kernel has killed for lack of memory, and how often the group was at
    its own limit.
    """

    kills: int = 0
    at_limit: int = 0


def read_shortage(cgroup: Path) -> Shortage:
    """Nothing when the group is gone. crun has a group of its own below Docker's; either of the two may be the one that
    reached the limit, which both have.
    """
    groups = (cgroup, cgroup.parent) if cgroup.parent.suffix == _DOCKERS else (cgroup,)
    return Shortage(_read_event(cgroup, "oom_kill"), sum(_read_event(group, "oom") for group in groups))


def explain_kill(cgroup: Path, limit: int) -> str:
    """Of a command that was killed, in a session with so many bytes; empty where memory has nothing to do with it.

    What was killed first, and when, the kernel does not write down.
    """
    shortage = read_shortage(cgroup)
    if not shortage.kills:
        return ""
    if shortage.at_limit:
        return f"this session was killed after it had used all of its memory ({limit >> 20} MiB)"
    return "this session was killed after the host had run short of memory"


def _read_event(cgroup: Path, wanted: str) -> int:
    with contextlib.suppress(OSError):
        for line in (cgroup / "memory.events").read_text(encoding="ascii").splitlines():
            name, _unused, count = line.partition(" ")
            if name == wanted:
                return int(count)
    return 0


def _set_value(file: Path) -> None:
    value = str(OOM_SCORE_ADJ_COMMAND)
    # A process may be killed although it is stopped.
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        file.write_text(value, encoding="ascii")
        found = file.read_text(encoding="ascii").strip()
        if found != value:
            raise RankError(f"{file}: is {found}, not {value}")


def _pids(cgroup: Path) -> list[int]:
    files = (cgroup / "cgroup.procs", *cgroup.rglob("*/cgroup.procs"))
    return [int(line) for file in files for line in file.read_text(encoding="ascii").split()]


@contextlib.contextmanager
def _frozen(cgroup: Path) -> Iterator[None]:
    try:
        (cgroup / "cgroup.freeze").write_text("1", encoding="ascii")
        _wait_until_frozen(cgroup)
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            (cgroup / "cgroup.freeze").write_text("0", encoding="ascii")


def _wait_until_frozen(cgroup: Path) -> None:
    deadline = time.monotonic() + _SECONDS
    while "frozen 1" not in (cgroup / "cgroup.events").read_text(encoding="ascii").splitlines():
        if time.monotonic() > deadline:
            raise RankError(f"{cgroup}: its processes do not stop")
        time.sleep(_STEP)
