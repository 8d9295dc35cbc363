"""The controls `packages` and `docker`: what they ask of the variables and of a host."""

from __future__ import annotations

from ..search import Search
from .descriptor import DOCKER, PACKAGES
from .preflight import (
    find_notes_on_docker,
    find_notes_on_packages,
    find_problems_in_docker,
    find_problems_in_packages,
)
from .variables import DOCKER_CHECKS, PACKAGES_CHECKS

SEARCHES = (
    Search(
        PACKAGES,
        checks=PACKAGES_CHECKS,
        problems=find_problems_in_packages,
        notes=find_notes_on_packages,
        reads=("sandbox_docker_packages", "sandbox_packages_lock_wait"),
    ),
    Search(
        DOCKER,
        checks=DOCKER_CHECKS,
        problems=find_problems_in_docker,
        notes=find_notes_on_docker,
        reads=("sandbox_docker_packages", "sandbox_docker_daemon_config"),
    ),
)
