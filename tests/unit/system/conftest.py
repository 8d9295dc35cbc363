"""A scratch root, and an `Outside` for it that counts what it is asked to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside


class CountingOutside(Outside):
    """Names of the steps that changed something. Waits for no disk."""

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self.steps: list[str] = []

    def step(self, doing: str, thing: str) -> None:
        self.steps.append(f"{doing} {thing}")

    def sync(self, descriptor: int, path: str) -> None:
        self.step("sync", path)

    def sync_folder(self, path: str) -> None:
        self.step("sync", path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    if os.geteuid() != 0:
        pytest.skip("owners can be set by root alone")
    for name in ("etc", "run", "var/lib", "proc/sys/net/ipv4"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


@pytest.fixture
def outside(root: Path) -> CountingOutside:
    return CountingOutside(str(root))
