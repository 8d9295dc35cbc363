"""From the module's parameters to the control `docker`: which units its Docker lives by, the host says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._controls.docker.control import docker_control
from .._engine.resources import Control
from .._system.docker_start import read_docker_units
from .._system.outside import Outside


def docker_of(params: Mapping[str, Any]) -> Control:
    """Raises SandboxError for a key that is not to be set here or a value of the wrong type."""
    return docker_control(params["daemon_config"], read_docker_units(Outside()))
