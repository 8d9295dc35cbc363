"""What is read from /proc, tried on real processes of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._agent import kernel
from ansible_collections.ably.sandbox.plugins.module_utils._controls.container.session_checks import NAMESPACES
from ansible_collections.ably.sandbox.plugins.module_utils._controls.registry import find_missing_in_process
from ansible_collections.ably.sandbox.tests.unit.controls.test_container_spec import assemble

UNPRIVILEGED = """import os, ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
for capability in range(64):
    libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
assert libc.prctl(38, 1, 0, 0, 0) == 0  # PR_SET_NO_NEW_PRIVS
os.setgroups([])
os.setresgid(60603, 60603, 60603)
os.setresuid(60603, 60603, 60603)
print("ready", flush=True)
sys.stdin.read()
"""


def test_a_process_is_seen_until_it_ends() -> None:
    with subprocess.Popen(("sleep", "1000")) as process:
        view = kernel.observe_process(process.pid)
        assert view is not None
        assert "NoNewPrivs:" in view.status
        assert set(NAMESPACES) <= set(view.namespaces)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        # A zombie still has a folder in /proc, and no protections to speak of.
        assert kernel.observe_process(process.pid) is None
    assert kernel.observe_process(process.pid) is None


def test_a_process_that_ends_while_it_is_looked_at_was_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first file is read, and of the others there is nothing left."""
    read, looks = kernel._read, []

    def end_after_the_first(path: Path) -> str:
        looks.append(path)
        return read(path) if len(looks) == 1 else ""

    monkeypatch.setattr(kernel, "_read", end_after_the_first)
    assert kernel.observe_process(os.getpid()) is None
    assert looks[0].name == looks[-1].name == "status"


def test_a_program_is_waited_for() -> None:
    with subprocess.Popen(("sleep", "1000")) as process:
        assert kernel.wait_for_program(process.pid, "sleep")
        assert not kernel.wait_for_program(process.pid, "slee", patience=0.1)
        process.kill()
    assert not kernel.wait_for_program(process.pid, "sleep", patience=0.1)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can take on another user's id")
def test_the_kernels_own_words_are_understood() -> None:
    """A process that really gave up its privileges lacks only what this machine cannot give it."""
    with subprocess.Popen(
        (sys.executable, "-c", UNPRIVILEGED), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        view = kernel.observe_process(process.pid)
        process.communicate(b"")
    assert view is not None
    missing = find_missing_in_process(assemble(), 3, view)
    own = Path("/proc/self/oom_score_adj").read_text().strip()
    expected = {"no seccomp filter", "it is not in ably-sandbox.slice", f"oom_score_adj is {own}, not 900"}
    assert set(missing) <= expected
    assert "Uid is not 60604" in find_missing_in_process(assemble(), 4, view)
