"""The variables of the controls `packages` and `docker`: what no type can say of their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._engine.errors import SandboxError
from ..._formats.daemon_json import check_daemon_keys
from ..._formats.dpkg import is_package_name
from ..checks import Check, Misfit, between, each


def _check_keys(value: Any) -> Misfit | None:
    if not isinstance(value, Mapping):
        return Misfit("a table whose keys are those of daemon.json, such as live-restore", value)
    try:
        check_daemon_keys(value)
    except SandboxError as error:
        return Misfit(str(error), value)
    return None


def _is_package(value: Any) -> bool:
    return isinstance(value, str) and is_package_name(value)


PACKAGES_CHECKS: Mapping[str, Check] = {
    "sandbox_docker_packages": each(_is_package, "names of Debian packages"),
    "sandbox_packages_lock_wait": between(0, 86400),
}
DOCKER_CHECKS: Mapping[str, Check] = {"sandbox_docker_daemon_config": _check_keys}
