"""The machine at level 1."""

from __future__ import annotations

import pytest
from support.host import Host
from support.provision import bring_to_level_1


@pytest.fixture(scope="session")
def level1(machine: Host) -> Host:
    bring_to_level_1(machine)
    return machine
