"""What every scenario's tests start from: the running machine, and what it was before anything was done to it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.host import Host, running_host  # found by the line above


@pytest.fixture(scope="session")
def machine() -> Host:
    return running_host()


@pytest.fixture(scope="session")
def before(machine: Host) -> dict[str, object]:
    """The host's fingerprint before anything was done to it."""
    return machine.fingerprint()
