"""The machine at level 1, as a snapshot from which each power cut starts, and what it is after a cut at level 1."""

from __future__ import annotations

import pytest
from support.host import Host
from support.provision import bring_to_level_1


@pytest.fixture(scope="session")
def level1(machine: Host) -> Host:
    bring_to_level_1(machine)
    return machine


@pytest.fixture(scope="session")
def at_level1(level1: Host) -> dict[str, object]:
    """The fingerprint of a host at level 1 that has lost its power: it has booted since."""
    level1.lose_power()
    level1.wait_until_active("docker", "ably-sandbox-session.socket")
    return level1.fingerprint()
