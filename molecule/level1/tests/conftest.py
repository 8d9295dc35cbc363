"""The machine at level 1, brought there once for all of this scenario's tests, and what it was before."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

SCENARIO = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SCENARIO.parent))

from support.host import LEVEL_1, Host, play, running_host  # noqa: E402  # found by the line above


@pytest.fixture(scope="session")
def machine() -> Host:
    return running_host()


@pytest.fixture(scope="session")
def before(machine: Host) -> dict[str, object]:
    """The host's fingerprint before anything was done to it."""
    return machine.fingerprint()


@pytest.fixture(scope="session")
def level1(machine: Host, before: dict[str, object]) -> Host:
    status, output = play("site", LEVEL_1)
    assert status == 0, output
    return machine
