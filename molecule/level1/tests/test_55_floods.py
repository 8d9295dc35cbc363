"""Whoever floods what all sessions share, or what all persons share, holds nobody else up."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.broken import broken
from support.host import Host
from support.session import OPEN, VISITOR, Terminal, read_script, run_lines, wait_until_all_ended

SCRIPTS = Path(__file__).parent / "scripts"
GATEWAY = "10.213.0.1"
FILESYSTEM = "/etc/ably-sandbox/container.d/10-filesystem.json"
SHORT = "/usr/bin/node --version"
STARTS = 3
# How much longer a start may take beside a flood than beside a session that only spins.
MOST = 1.5
SILENT = 40
OTHER = VISITOR.replace("4242", "4243")
FLOODS = ("docker", "names", "streams")


@pytest.fixture(scope="module", autouse=True)
def any_command(level1: Host) -> Iterator[None]:
    """Sessions may run the shortest of commands: it is their start that is measured."""
    with broken(level1, FILESYSTEM):
        level1.out(f"sed -i '/any_command/s/false/true/' {FILESYSTEM}")
        yield


def start_seconds(host: Host, who: str = VISITOR) -> float:
    """The middle one of a few sessions with the shortest of commands."""
    took = []
    for _ in range(STARTS):
        began = time.monotonic()
        status, text = host.call(f"{who} ably-sandbox session -- {SHORT}")
        took.append(time.monotonic() - began)
        assert (status, text.startswith("v2")) == (0, True), text
    return statistics.median(took)


@contextmanager
def flooding(host: Host, kind: str) -> Iterator[None]:
    with Terminal(host) as session:
        session.script(read_script(SCRIPTS / "flood.js", KIND=kind, GATEWAY=GATEWAY))
        yield


@pytest.fixture(scope="module")
def spinning(level1: Host) -> float:
    """A start beside a session that only spins."""
    with flooding(level1, "spin"):
        return start_seconds(level1)


@pytest.mark.parametrize("kind", FLOODS)
def test_a_start_beside_a_flood(level1: Host, spinning: float, kind: str) -> None:
    with flooding(level1, kind):
        beside = start_seconds(level1)
        status, text = run_lines(level1, "time", "exit")
    print(f"a start beside {kind}: {beside:.1f} s, beside a session that spins: {spinning:.1f} s")
    assert (status, "time 1" in text) == (0, True), text
    assert beside <= MOST * spinning


@contextmanager
def silent_connections(host: Host) -> Iterator[None]:
    """As one member of the group may make them: connected, and without a word."""
    host.out("cat > /run/lab-silent.py", stdin=(SCRIPTS / "silent.py").read_bytes())
    host.out(f"systemd-run --quiet --unit=lab-silent {VISITOR} python3 /run/lab-silent.py {SILENT}")
    try:
        host.wait_until("journalctl --unit=lab-silent --output=cat | grep connected", 60)
        yield
    finally:
        host.out("systemctl stop lab-silent; rm /run/lab-silent.py")


def test_silent_connections_keep_nobody_out(level1: Host, spinning: float) -> None:
    """Neither root nor another person."""
    wait_until_all_ended(level1)
    with silent_connections(level1):
        beside = start_seconds(level1, OTHER)
        status, text = level1.call(f"ably-sandbox session -- {SHORT}")
        assert (status, text.startswith("v2")) == (0, True), text
    print(f"a start beside {SILENT} silent connections: {beside:.1f} s, beside a session that spins: {spinning:.1f} s")
    assert beside <= MOST * spinning


def test_nonsense_keeps_nobody_out(level1: Host) -> None:
    """Twenty packets that are none of the protocol's, each with an honest start beside it."""
    since = level1.out("date +%s")
    level1.out("cat > /run/lab-nonsense.py", stdin=(SCRIPTS / "nonsense.py").read_bytes())
    for number in range(20):
        nonsense = f"{VISITOR} python3 /run/lab-nonsense.py {number}"
        status, text = level1.call(f"{nonsense} & {OPEN} -- {SHORT}; wait")
        assert (status, "v2" in text) == (0, True), text
    level1.out("rm /run/lab-nonsense.py")
    told = level1.out(f"journalctl --identifier=ably-sandbox --since=@{since} --output=cat")
    assert "Traceback" not in told
    assert max(map(len, told.splitlines())) < 300
    assert len(re.findall("refused: session:", told)) == 20, told
