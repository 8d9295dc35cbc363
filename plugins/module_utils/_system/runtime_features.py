"""What the sessions' own container runtime, and Docker with it, can do on this host: found out, not assumed."""

from __future__ import annotations

from .._controls.seccomp.control import CRUN
from .._controls.seccomp.profile import LOG_FLAG
from .._formats.docker_objects import parse_docker_version
from .commands import run_command
from .files import read_bytes
from .outside import Outside
from .programs import find_program

# Docker 20.10 takes a profile with flags, and drops them without a word.
_OLDEST_WITH_FLAGS = (23, 0)
_LOGGED = "/proc/sys/kernel/seccomp/actions_logged"


def find_log_obstacle(outside: Outside) -> str:
    """Why refused system calls would not be in the kernel's log; empty when they will be. Tripwires always are.

    crun tells of actions and operators by `crun features`, of flags it does not; it knows those whose names it holds.
    """
    if find_program("dockerd") is None:
        return "Docker is not installed"
    version = parse_docker_version(run_command(("dockerd", "--version")).out)
    if version < _OLDEST_WITH_FLAGS:
        return "Docker {}.{} does not pass on the flag {}, Docker 23 does".format(*version, LOG_FLAG)
    if LOG_FLAG.encode("ascii") not in (read_bytes(outside, CRUN) or b""):
        return f"{CRUN} is not there, or does not know the flag {LOG_FLAG}"
    if b"errno" not in (read_bytes(outside, _LOGGED) or b"").split():
        return f"the kernel is told not to log refusals: errno is not in {_LOGGED}"
    return ""
