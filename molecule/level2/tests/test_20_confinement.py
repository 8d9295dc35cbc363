"""A running session, by the kernel's own word: every protection of level 2 holds each of its processes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from support.host import Host
from support.session import Terminal

FIRST_ID = 1879048192
# crun puts them one level below the container's own group.
PROCESSES = "find /sys/fs/cgroup/ably.slice/ably-sandbox.slice -name cgroup.procs -exec cat {} +"


@pytest.fixture(scope="module")
def processes(level2: Host) -> Iterator[dict[str, str]]:
    """Process id to what the kernel says of it, of the pause program and the command line of one more session."""
    others = set(level2.out(PROCESSES).split())
    with Terminal(level2):
        ids = set(level2.out(PROCESSES).split()) - others
        yield {
            pid: level2.out(f"cd /proc/{pid}; cat status uid_map gid_map attr/current; tr '\\0' ' ' < cmdline")
            for pid in ids
        }


def test_there_are_the_pause_program_and_the_command_line(processes: dict[str, str]) -> None:
    assert len(processes) == 2
    assert any("/.ably-pause" in said for said in processes.values())
    assert any("node" in said.splitlines()[-1] for said in processes.values())


@pytest.mark.parametrize(
    "held",
    [
        rf"^Uid:(\t{FIRST_ID + 60600}|\t{FIRST_ID + 60601}|\t{FIRST_ID + 60602}){{4}}$",
        r"^Seccomp:\t2$",
        r"^NoNewPrivs:\t1$",
        r"^CapBnd:\t0000000000000000$",
        r"^CapEff:\t0000000000000000$",
        rf"^ +0 +{FIRST_ID} +65536\n +0 +{FIRST_ID} +65536$",
        r"^ably-sandbox(//&\S+)? \((enforce|mixed)\)$",
    ],
)
def test_held(processes: dict[str, str], held: str) -> None:
    for said in processes.values():
        assert re.search(held, said, re.MULTILINE), said


def test_the_profile_is_enforced(level2: Host) -> None:
    assert "ably-sandbox (enforce)" in level2.out("cat /sys/kernel/security/apparmor/profiles").splitlines()
