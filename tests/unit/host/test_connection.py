"""Which connection a process came by: the nearest sshd above it, whatever stands in between."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.ably.sandbox.plugins.module_utils._host.connection import find_connection


def put(proc: Path, pid: int, name: str, parent: int, start: int) -> None:
    (proc / str(pid)).mkdir(parents=True)
    numbers = " ".join(["0"] * 17)
    (proc / str(pid) / "stat").write_text(f"{pid} ({name}) S {parent} {numbers} {start} 0 0\n")


def test_the_nearest_sshd_above(tmp_path: Path) -> None:
    put(tmp_path, 1, "systemd", 0, 1)
    put(tmp_path, 10, "sshd", 1, 100)
    put(tmp_path, 20, "sshd-session", 10, 200)
    put(tmp_path, 30, "sudo (odd) name", 20, 300)
    put(tmp_path, 40, "python3", 30, 400)
    assert find_connection(40, tmp_path) == "20:200"


def test_no_sshd_above(tmp_path: Path) -> None:
    put(tmp_path, 1, "systemd", 0, 1)
    put(tmp_path, 40, "python3", 1, 400)
    assert find_connection(40, tmp_path) == ""


def test_a_parent_that_has_ended(tmp_path: Path) -> None:
    put(tmp_path, 40, "python3", 30, 400)
    assert find_connection(40, tmp_path) == ""
