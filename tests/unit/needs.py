"""What a host is asked for, in the tests of preflight: the roles' defaults, and what a test says otherwise."""

from __future__ import annotations

from typing import Any

from ansible_collections.ably.sandbox.plugins.action.preflight_info import choose_variables, load_options
from ansible_collections.ably.sandbox.plugins.module_utils._ansible.preflight import needs_of
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.needs import Needs
from ansible_collections.ably.sandbox.plugins.module_utils._controls.variables import OF_PLAYBOOKS
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO

_OPTIONS = {**OF_PLAYBOOKS, **load_options(REPO / "roles")}
_USUAL = {
    "sandbox_docker_packages": ["haproxy", "docker.io"],
    "sandbox_docker_daemon_config": {"live-restore": True, "log-opts": {}},
}


def make_needs(**variables: Any) -> Needs:
    """`variables`: without the mark that all of them begin with."""
    given = {f"sandbox_{name}": value for name, value in variables.items()}
    return needs_of(choose_variables({**_USUAL, **given}, (), _OPTIONS))
