"""The controls `packages` and `docker`, as sessions and levels know them."""

from __future__ import annotations

from ..._engine.resources import Owner
from ..descriptor import Descriptor

PACKAGES = Descriptor(Owner(1, "packages"), role="docker")
DOCKER = Descriptor(Owner(1, "docker"))
