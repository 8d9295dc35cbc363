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
from support.session import NONSENSE, OPEN, VISITOR, Terminal, assert_works, read_script, wait_until_all_ended

SCRIPTS = Path(__file__).parent / "scripts"
GATEWAY = "10.213.0.1"
FILESYSTEM = "/etc/ably-sandbox/container.d/10-filesystem.json"
# Of cgroup v2, microseconds in each 100 ms. The one that floods has little processor time of its own, so that what it
# costs others is seen.
LITTLE, USUAL = 25_000, 100_000
CGROUP = "cut -d: -f3 /proc/$(docker inspect --format '{{.State.Pid}}' $(docker ps --quiet --latest))/cgroup"
SHORT = "/usr/bin/node --version"
STARTS = 3
# How much longer a start may take beside a flood than beside a session that only spins.
MOST = 1.5
SILENT = 40
OTHER = VISITOR.replace("4242", "4243")
# See flood.js. The first is the control: it only computes.
FLOODS = ("spin", "docker", "names", "streams")


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


@pytest.fixture(scope="module")
def starts(level1: Host) -> dict[str, list[float]]:
    """Seconds of the starts beside each flood, by turns: what else the machine has to do meanwhile counts for all."""
    found: dict[str, list[float]] = {kind: [] for kind in FLOODS}
    with Terminal(level1) as session:
        limit = f"/sys/fs/cgroup{level1.out(CGROUP)}/cpu.max"
        for _unused in range(STARTS):
            for kind, seconds in found.items():
                flood(session, kind)
                level1.out(f"echo {LITTLE} > {limit}")
                seconds.append(start_seconds(level1))
                level1.out(f"echo {USUAL} > {limit}")
        # Beside the last of the floods.
        assert_works(level1)
    return found


def assert_held_up_by_nothing(what: str, beside: list[float], control: list[float]) -> None:
    middle, spinning = statistics.median(beside), statistics.median(control)
    print(f"a start beside {what}: {middle:.1f} s, beside a session that spins: {spinning:.1f} s")
    assert middle <= MOST * spinning, (beside, control)


@pytest.mark.parametrize("kind", FLOODS[1:])
def test_a_start_beside_a_flood(starts: dict[str, list[float]], kind: str) -> None:
    assert_held_up_by_nothing(kind, starts[kind], starts["spin"])


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


def test_silent_connections_keep_nobody_out(level1: Host, starts: dict[str, list[float]]) -> None:
    """Neither root nor another person."""
    wait_until_all_ended(level1)
    with silent_connections(level1):
        beside = [start_seconds(level1, OTHER) for _unused in range(STARTS)]
        start_seconds(level1, who="")
    assert_held_up_by_nothing(f"{SILENT} silent connections", beside, starts["spin"])


def test_nonsense_keeps_nobody_out(level1: Host) -> None:
    """Twenty packets that are none of the protocol's, with an honest start beside each four of them."""
    since = level1.out("date +%s")
    level1.out("cat > /run/lab-nonsense.py", stdin=NONSENSE.read_bytes())
    for first in range(0, 20, 4):
        nonsense = f"{VISITOR} python3 /run/lab-nonsense.py {' '.join(map(str, range(first, first + 4)))}"
        status, text = level1.call(f"{nonsense} & {OPEN} -- {SHORT}; wait")
        assert (status, "v2" in text) == (0, True), text
    level1.out("rm /run/lab-nonsense.py")
    told = level1.out(f"journalctl --identifier=ably-sandbox --since=@{since} --output=cat")
    assert "Traceback" not in told
    assert max(map(len, told.splitlines())) < 300
    assert len(re.findall("refused: session:", told)) == 20, told
