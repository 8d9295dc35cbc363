"""What a host is asked for, in the tests of preflight: the roles' defaults, and what a test says otherwise."""

from __future__ import annotations

from typing import Any

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.preflight import needs_of
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.needs import Needs
from ansible_collections.ably.sandbox.plugins.plugin_utils.variables import choose_variables, load_options

_OPTIONS = load_options()
_USUAL = {
    "sandbox_docker_packages": ["haproxy", "docker.io"],
    "sandbox_docker_daemon_config": {"live-restore": True, "log-opts": {}},
}


def make_needs(**variables: Any) -> Needs:
    """`variables`: without the mark that all of them begin with."""
    given = {f"sandbox_{name}": value for name, value in variables.items()}
    return needs_of(choose_variables({**_USUAL, **given}, (), _OPTIONS))
