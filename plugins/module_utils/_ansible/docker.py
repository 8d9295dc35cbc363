"""From the module's parameters to the control `docker`: which units its Docker lives by, the host says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._controls.docker.control import docker_control
from .._controls.docker.preflight import OTHER_DOCKER
from .._engine.resources import Control
from .._system.docker_start import read_docker_units
from .._system.other_docker import has_other_docker
from .._system.outside import Outside
from .findings import refuse


def docker_of(params: Mapping[str, Any]) -> Control:
    """Raises SandboxError for a key that is not to be set here or a value of the wrong type, and RefusedError where
    Docker's units would cut another Docker from its clients.
    """
    outside = Outside()
    if has_other_docker(outside):
        refuse([OTHER_DOCKER])
    return docker_control(params["daemon_config"], read_docker_units(outside))
