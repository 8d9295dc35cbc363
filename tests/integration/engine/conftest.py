"""A scratch host for each test, with the fake systemd found before the real one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._system.commands import ENVIRONMENT
from ansible_collections.ably.sandbox.tests.integration.engine.scratch import Scratch

Mount = Callable[..., None]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    if os.geteuid() != 0:
        pytest.skip("owners can be set by root alone")
    scratch = Scratch(tmp_path / "host").build()
    for name, value in scratch.environment().items():
        monkeypatch.setitem(ENVIRONMENT, name, value)
    return scratch


@pytest.fixture
def mount() -> Iterator[Mount]:
    """`mount(options, ..., target)`; undone after the test."""
    with ExitStack() as stack:

        def mount_once(*arguments: str) -> None:
            done = subprocess.run(("mount", *arguments), capture_output=True, text=True, check=False)
            if done.returncode != 0:
                pytest.skip(f"cannot mount here: {done.stderr.strip()}")
            stack.callback(subprocess.run, ("umount", "--lazy", arguments[-1]), check=False)

        yield mount_once
