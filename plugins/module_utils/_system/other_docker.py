"""Whether a Docker that docker.service does not run listens where ours will: a snap's, or one started by hand."""

from __future__ import annotations

from .._controls.names import DOCKER_SOCKET
from .commands import run_command
from .docker_api import connect_unix
from .outside import Outside
from .programs import find_program
from .reading import Reader

_CONNECT_TIMEOUT = 2.0
_STOPPED = frozenset({"inactive", "failed"})


def has_other_docker(outside: Outside) -> bool:
    """Asked only while neither of Docker's units is active: a connection to docker.socket would start Docker."""
    if not Reader(outside).exists(DOCKER_SOCKET) or find_program("systemctl") is None:
        return False
    command = ("systemctl", "show", "--property=ActiveState", "--value", "--", "docker.service", "docker.socket")
    states = run_command(command, accept=(0, 1)).out.split()
    return bool(states) and _STOPPED.issuperset(states) and _is_listening(outside.path(DOCKER_SOCKET))


def _is_listening(path: str) -> bool:
    try:
        connect_unix(path, _CONNECT_TIMEOUT).close()
    except OSError:
        return False
    return True
