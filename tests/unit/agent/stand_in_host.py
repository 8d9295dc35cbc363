"""The host of a session in which the kernel says what the test wants it to say."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from ansible_collections.ably.sandbox.plugins.module_utils._agent.session import Host


def read_wanted(folder: Path) -> dict[str, Any]:
    """What the test wants: see `Stand.configure`."""
    wanted: dict[str, Any] = json.loads((folder / "kernel.json").read_text())
    return wanted


def make_host(folder: Path, tell: Callable[..., None], operators: Collection[int] = ()) -> Host:
    """Below `folder`. No network is made, nobody gets a place when memory is short, and root is nobody special."""
    wanted = read_wanted(folder)
    return Host(
        fragments=folder / "container.d",
        runtime=folder / "run",
        docker_socket=str(folder / "docker.sock"),
        attach=lambda *_unused: contextlib.nullcontext(),
        rank=lambda _unused: folder / "cgroup",
        prove_container=lambda *_unused: wanted["container"],
        prove_process=lambda *_unused: wanted["process"],
        tell=tell,
        tidy=lambda: tell("tidy", "", {}),
        operators=operators,
    )
