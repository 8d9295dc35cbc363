"""The controls `packages` and `docker`, as everybody else knows them."""

from __future__ import annotations

from ..descriptor import Descriptor
from .control import DOCKER_OWNER, PACKAGES_OWNER

PACKAGES = Descriptor(PACKAGES_OWNER)
DOCKER = Descriptor(DOCKER_OWNER)
