"""Since when a connection is there: the start of the nearest sshd above, whatever stands in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.moments import Moment
from ansible_collections.ably.sandbox.plugins.module_utils._system.connection import find_connection, read_now


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    (tmp_path / "sys/kernel/random").mkdir(parents=True)
    (tmp_path / "sys/kernel/random/boot_id").write_text("b0\n")
    return tmp_path


def put(proc: Path, pid: int, name: str, parent: int, start: int) -> None:
    (proc / str(pid)).mkdir(parents=True)
    numbers = " ".join(["0"] * 17)
    (proc / str(pid) / "stat").write_text(f"{pid} ({name}) S {parent} {numbers} {start} 0 0\n")


def test_the_nearest_sshd_above(proc: Path) -> None:
    put(proc, 1, "systemd", 0, 1)
    put(proc, 10, "sshd", 1, 100)
    put(proc, 20, "sshd-session", 10, 200)
    put(proc, 30, "sudo (odd) name", 20, 300)
    put(proc, 40, "python3", 30, 400)
    assert find_connection(40, proc) == Moment("b0", 200)


def test_no_sshd_above(proc: Path) -> None:
    put(proc, 1, "systemd", 0, 1)
    put(proc, 40, "python3", 1, 400)
    assert find_connection(40, proc) is None


def test_a_parent_that_has_ended(proc: Path) -> None:
    put(proc, 40, "python3", 30, 400)
    assert find_connection(40, proc) is None


def test_processes_start_and_moments_pass_by_the_same_clock() -> None:
    fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    now = read_now()
    assert int(fields[19]) <= now.ticks
    assert read_now().ticks - now.ticks < 500
