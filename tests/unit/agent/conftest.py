"""A host with stand-ins for engine and kernel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.tests.unit.agent.stand import Stand, run_stand


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A host with stand-ins for engine and kernel, on which people open sessions."""
    with run_stand(tmp_path) as running:
        yield running
