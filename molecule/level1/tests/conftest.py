"""The machine at level 1, brought there once for all of this scenario's tests."""

from __future__ import annotations

import pytest
from support.host import Host
from support.provision import provision_level_1


@pytest.fixture(scope="session")
def level1(machine: Host, before: dict[str, object]) -> Host:
    assert before
    provision_level_1(machine)
    return machine
