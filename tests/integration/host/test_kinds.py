"""Units, packages, nftables tables, Docker's objects and preflight, on a real Debian with a real systemd."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.tests.integration.host.machine import Machine

SCRIPTS = ("packages", "units", "nft_tables", "docker_objects", "docker_start", "docker_restart", "preflight")


@pytest.mark.parametrize("script", SCRIPTS)
def test_on_a_real_host(machine: Machine, script: str) -> None:
    machine.run_script(script)
