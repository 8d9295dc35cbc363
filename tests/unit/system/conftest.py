"""A scratch root, an `Outside` for it that counts what it is asked to do, and locks that another process holds."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.plugins.module_utils._system.package_locks import LOCKS

# 37 and 38 are the commands for a lock that belongs to the open file: F_OFD_SETLK and F_OFD_SETLKW.
HOLD = {
    "process": "fcntl.lockf(file, fcntl.LOCK_EX)",
    "open file": "fcntl.fcntl(file, 37, struct.pack('hhqqi', fcntl.F_WRLCK, 0, 0, 0, 0))",
    "flock": "fcntl.flock(file, fcntl.LOCK_EX)",
    "none": "pass",
}
SCRIPT = """
import fcntl, struct, sys, time
file = open(sys.argv[1], "a")
{}
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""

Hold = Callable[..., "subprocess.Popen[str]"]


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


@pytest.fixture
def locks(tmp_path: Path) -> Path:
    """A host that has all four files, and this machine's processes."""
    root = tmp_path / "host"
    for path in LOCKS:
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (root / "proc").symlink_to("/proc")
    return root


@pytest.fixture
def hold(locks: Path, tmp_path: Path) -> Iterator[Hold]:
    """`hold(path, kind, seconds)`: another process, named unattended-upgrade, holds the lock on that file."""
    running: list[subprocess.Popen[str]] = []

    def begin(path: str = LOCKS[0], kind: str = "process", seconds: float = 60) -> subprocess.Popen[str]:
        script = tmp_path / "unattended-upgrade"
        script.write_text(SCRIPT.format(HOLD[kind]))
        command = (sys.executable, str(script), str(locks / path.lstrip("/")), str(seconds))
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    yield begin
    for process in running:
        with process:
            process.kill()
