"""The controls `packages` and `docker`, as everybody else knows them."""

from __future__ import annotations

from ..descriptor import Descriptor
from .control import DOCKER_OWNER, PACKAGES_OWNER
from .preflight import find_notes_on_docker, find_problems_in_docker, find_problems_in_packages
from .variables import DOCKER_CHECKS, PACKAGES_CHECKS

PACKAGES = Descriptor(
    PACKAGES_OWNER,
    checks=PACKAGES_CHECKS,
    problems=(find_problems_in_packages,),
    reads=("sandbox_docker_packages",),
)
DOCKER = Descriptor(
    DOCKER_OWNER,
    checks=DOCKER_CHECKS,
    problems=(find_problems_in_docker,),
    notes=(find_notes_on_docker,),
    reads=("sandbox_docker_packages", "sandbox_docker_daemon_config"),
)
