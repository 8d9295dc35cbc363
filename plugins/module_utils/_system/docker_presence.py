"""Whether Docker Engine has ever run on this host: only then can it have networks and images."""

from __future__ import annotations

import json
import os

from .._controls.docker.control import DAEMON_JSON
from .._controls.docker.start import Configuration
from .._controls.names import DOCKER_SOCKET
from .._engine.errors import SandboxError
from .docker_command import read_docker_command
from .outside import Outside
from .programs import find_program


def has_docker_run(outside: Outside) -> bool:
    """True when it runs, or has left its data behind. Then only Docker itself can say what is in there."""
    if os.path.exists(outside.path(DOCKER_SOCKET)):
        return True
    return find_program("dockerd") is not None and os.path.isdir(outside.path(f"{read_data_root(outside)}/image"))


def read_data_root(outside: Outside) -> str:
    """Docker's data folder, by daemon.json or by its flags; the default where neither can be read."""
    try:
        with open(outside.path(DAEMON_JSON), encoding="utf-8-sig") as file:
            values = json.load(file)
    except (OSError, ValueError):
        values = {}
    try:
        flags = read_docker_command(outside)[1:]
    except SandboxError:
        flags = ()
    return Configuration(values if isinstance(values, dict) else {}, flags).data_root
