"""Commands: what they answer, what they may not do, and how they fail."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._system.commands import (
    ENVIRONMENT,
    CommandError,
    run_command,
)
from ansible_collections.ably.sandbox.plugins.module_utils._system.programs import find_program
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO


def test_answers() -> None:
    result = run_command(("sh", "-c", "cat; echo err >&2; echo $LC_ALL; exit 3"), accept=(3,), stdin=b"in \xff ")
    assert (result.status, result.out, result.err) == (3, "in \udcff C\n", "err\n")


def test_an_exit_code_that_is_not_fine_is_told_with_the_last_lines() -> None:
    with pytest.raises(CommandError, match=r"^sh -c .*: exit code 4: 2 \| 3 \| 4 \| 5 \| 6 \| 7 \| 8 \| 9$") as caught:
        run_command(("sh", "-c", "seq 9 >&2; exit 4"))
    assert caught.value.result is not None
    assert caught.value.result.status == 4


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(CommandError, match="no-such-program: cannot be started: No such file"):
        run_command(("no-such-program",))


def test_a_command_that_takes_too_long_is_killed_with_its_children(tmp_path: Path) -> None:
    before = time.monotonic()
    script = f"sleep 30 & echo $! > {tmp_path}/pid; wait"
    with pytest.raises(CommandError, match=r"no end after 0.3 s"):
        run_command(("sh", "-c", script), timeout=0.3)
    assert time.monotonic() - before < 5
    child = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 5
    while os.path.exists(f"/proc/{child}") and time.monotonic() < deadline:
        if ") Z " in Path(f"/proc/{child}/stat").read_text():
            break
        time.sleep(0.02)
    else:
        assert not os.path.exists(f"/proc/{child}")


def test_a_daemon_that_stays_behind_does_not_hold_us() -> None:
    before = time.monotonic()
    assert run_command(("sh", "-c", "sleep 3 & echo done")).out == "done\n"
    assert time.monotonic() - before < 2


# Each makes a tool that we run ask somebody else, do nothing, work on another system, or say it in another way.
FOREIGN = {
    "DOCKER_HOST": "tcp://127.0.0.1:1",
    "DOCKER_CONTEXT": "elsewhere",
    "DOCKER_CONFIG": "/root/elsewhere",
    "DOCKER_TLS_VERIFY": "1",
    "LANG": "de_DE.UTF-8",
    "LC_MESSAGES": "de_DE.UTF-8",
    "LANGUAGE": "de",
    "PATH": "/nowhere",
    "APT_CONFIG": "/root/apt.conf",
    "DPKG_ROOT": "/mnt",
    "DPKG_ADMINDIR": "/mnt",
    "SYSTEMD_OFFLINE": "1",
    "SYSTEMD_LOG_LEVEL": "debug",
    "PAGER": "less",
    "MODPROBE_OPTIONS": "--dry-run",
    "LD_PRELOAD": "",
    "PERL5OPT": "-d",
}


def test_a_command_gets_an_environment_of_ours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value)
    found = dict(line.split("=", 1) for line in run_command(("env",), environment={"MORE": "1"}).out.splitlines())
    assert found == {**ENVIRONMENT, "MORE": "1"}
    assert found["DOCKER_HOST"] == "unix:///run/docker.sock"


def test_programs_are_looked_for_where_commands_find_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "frob").write_text("#!/bin/sh\n")
    (tmp_path / "frob").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert find_program("frob") is None
    assert find_program("sh") is not None


def test_what_a_command_makes_can_be_read_by_others(tmp_path: Path) -> None:
    mask = os.umask(0o077)
    try:
        run_command(("touch", str(tmp_path / "made")))
    finally:
        os.umask(mask)
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o644


def test_no_command_is_run_past_this_environment() -> None:
    """Nor by Ansible's own `run_command`, which adds to the connection's."""
    starts = re.compile(r"\b(subprocess|os\.(system|popen|exec\w+|spawn\w+|posix_spawn\w*))\b|module\.run_command")
    found = {path.name for path in (REPO / "plugins").rglob("*.py") if starts.search(path.read_text(encoding="utf-8"))}
    assert found == {"commands.py"}
