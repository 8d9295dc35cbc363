"""Whether Docker Engine has ever run on this host: only then can it have networks and images."""

from __future__ import annotations

import json
import os

from .._controls.docker.control import DAEMON_JSON
from .._controls.names import DOCKER_SOCKET
from .outside import Outside
from .programs import find_program

_DATA_ROOT = "/var/lib/docker"


def has_docker_run(outside: Outside) -> bool:
    """True when it runs, or has left its data behind. Then only Docker itself can say what is in there."""
    if os.path.exists(outside.path(DOCKER_SOCKET)):
        return True
    return find_program("dockerd") is not None and os.path.isdir(outside.path(f"{read_data_root(outside)}/image"))


def read_data_root(outside: Outside) -> str:
    """Docker's data folder. The default where daemon.json does not say, or says nothing that can be read."""
    try:
        with open(outside.path(DAEMON_JSON), encoding="utf-8") as file:
            config = json.load(file)
    except (OSError, ValueError):
        return _DATA_ROOT
    root = config.get("data-root") if isinstance(config, dict) else None
    return root if isinstance(root, str) else _DATA_ROOT
