"""Which packages are asked of a host. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ..._formats.os_release import Distribution

_ENGINE, _CLIENT = "docker.io", "docker-cli"
_CLIENT_IN_ENGINE = {("debian", "12"), ("ubuntu", "22.04"), ("ubuntu", "24.04")}


def packages_for(names: Sequence[str], distribution: Distribution) -> tuple[str, ...]:
    """`names` without Docker's client where it is no package of its own: the engine's has it before Debian 13."""
    is_in_engine = _ENGINE in names and (distribution.id, distribution.version) in _CLIENT_IN_ENGINE
    return tuple(name for name in names if not (is_in_engine and name == _CLIENT))
