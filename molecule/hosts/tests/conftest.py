"""An input of a long run is made by itself: what is refused is in each `make test`."""

from __future__ import annotations

import os

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "ABLY_SANDBOX_HOST_INPUT" in os.environ:
        items[:] = [item for item in items if item.path.name == "test_works.py"]
