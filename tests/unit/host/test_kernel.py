"""What is read from /proc, tried on real processes of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.host import kernel
from ansible_collections.ably.sandbox.plugins.module_utils._domain.session_checks import (
    NAMESPACES,
    find_missing_in_process,
)
from ansible_collections.ably.sandbox.tests.unit.domain.test_container_spec import assemble

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
    assert set(missing) <= {"no seccomp filter", "it is not in ably-sandbox.slice"}
    assert "Uid is not 60604" in find_missing_in_process(assemble(), 4, view)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make interfaces")
def test_the_bridge_of_an_interface_is_the_one_at_its_other_end(tmp_path: Path) -> None:
    """Two pairs of interfaces, one end of each in a namespace of its own; one is a port of the bridge, one of none."""
    name = f"ably{os.getpid() % 10000}"
    script = f"""set -e
ip link add {name}b type bridge
ip link add {name}p type veth peer name eth0 netns {name}
ip link add {name}q type veth peer name eth1 netns {name}
ip link set {name}p master {name}b
"""
    try:
        subprocess.run(("ip", "netns", "add", name), check=True)
        subprocess.run(("sh", "-c", script), check=True)
        # `ip netns exec` mounts the namespace's own /sys, as a container has it.
        seen = subprocess.run(
            ("ip", "netns", "exec", name, "sh", "-c", "cd /sys/class/net; grep -H . */iflink"),
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        for line in seen.splitlines():
            path, _, number = line.partition(":")
            (tmp_path / path).parent.mkdir()
            (tmp_path / path).write_text(f"{number}\n")
        assert {**kernel.read_bridges(tmp_path), "lo": ""} == {"eth0": f"{name}b", "eth1": "", "lo": ""}
    finally:
        for device in (f"{name}b", f"{name}p", f"{name}q"):
            subprocess.run(("ip", "link", "delete", device), check=False, stderr=subprocess.DEVNULL)
        subprocess.run(("ip", "netns", "delete", name), check=False)
