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
    """One session with the shortest of commands."""
    began = time.monotonic()
    status, text = host.call(f"{who} ably-sandbox session -- {SHORT}")
    assert (status, text.startswith("v2")) == (0, True), text
    return time.monotonic() - began


def flood(session: Terminal, kind: str) -> None:
    session.script(read_script(SCRIPTS / "flood.js", KIND=kind, GATEWAY=GATEWAY))


def assert_held_up_by_nothing(what: str, beside: list[float], control: list[float]) -> None:
    middle, spinning = statistics.median(beside), statistics.median(control)
    print(f"a start beside {what}: {middle:.1f} s, beside a session that spins: {spinning:.1f} s")
    assert middle <= MOST * spinning, (beside, control)


@pytest.mark.parametrize("kind", FLOODS)
def test_a_start_beside_a_flood(level1: Host, kind: str) -> None:
    """By turns beside the flood and beside the control: what else the machine has to do meanwhile counts for both."""
    beside, control = [], []
    with Terminal(level1) as session:
        for _ in range(STARTS):
            flood(session, "spin")
            control.append(start_seconds(level1))
            flood(session, kind)
            beside.append(start_seconds(level1))
        status, text = run_lines(level1, "time", "exit")
    assert (status, "time 1" in text) == (0, True), text
    assert_held_up_by_nothing(kind, beside, control)


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


def test_silent_connections_keep_nobody_out(level1: Host) -> None:
    """Neither root nor another person."""
    with Terminal(level1) as session:
        flood(session, "spin")
        control = [start_seconds(level1) for _ in range(STARTS)]
    wait_until_all_ended(level1)
    with silent_connections(level1):
        beside = [start_seconds(level1, OTHER) for _ in range(STARTS)]
        start_seconds(level1, who="")
    assert_held_up_by_nothing(f"{SILENT} silent connections", beside, control)


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
