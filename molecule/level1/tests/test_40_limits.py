"""One session takes all it can get: it is bounded, and the session beside it answers meanwhile."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.broken import broken
from support.host import Host
from support.session import Terminal, read_script, send_script

SCRIPTS = Path(__file__).parent / "scripts"
MIB = 1 << 20
ANSWER_SECONDS = 20
# The group of the session that was opened last.
NEWEST = "$(ls -td /sys/fs/cgroup/ably.slice/ably-sandbox.slice/docker-*.scope | head -1)"
LIMITS = "/etc/ably-sandbox/container.d/11-limits.json"


@pytest.fixture(scope="module")
def beside(level1: Host) -> Iterator[Terminal]:
    with Terminal(level1) as session:
        yield session


@pytest.fixture(scope="module")
def greedy(level1: Host, beside: Terminal) -> Iterator[Terminal]:
    assert beside
    with Terminal(level1) as session:
        yield session


def assert_answers(beside: Terminal) -> None:
    began = time.monotonic()
    assert beside.ask("echo unharmed") == "unharmed"
    assert time.monotonic() - began < ANSWER_SECONDS


def test_memory(level1: Host, beside: Terminal) -> None:
    since = level1.out("date +%s")
    bomb = "const all = []; for (;;) all.push(Buffer.alloc(1 << 22, 1));"
    with ThreadPoolExecutor(1) as aside:
        attack = aside.submit(send_script, level1, bomb)
        while not attack.done():
            assert_answers(beside)
        status, text = attack.result()
    assert status == 137, text
    killed = level1.out(f"journalctl --dmesg --since=@{since} --output=cat | grep oom-kill:constraint=CONSTRAINT_MEMCG")
    assert re.search(r"uid=606\d\d", killed)


@pytest.mark.parametrize(("folder", "limit"), [("/tmp", 64 * MIB), ("/home/ably/.ably", 10 * MIB)])
def test_full_folder(greedy: Terminal, beside: Terminal, folder: str, limit: int) -> None:
    found = greedy.script(read_script(SCRIPTS / "fill.js", FOLDER=folder, LIMIT=limit))
    assert found["code"] == "ENOSPC"
    assert limit // 2 < found["written"] <= limit
    assert_answers(beside)


def test_processes(level1: Host, greedy: Terminal, beside: Terminal) -> None:
    found = greedy.script((SCRIPTS / "processes.js").read_text())
    assert 30 < found["started"] < 50, found
    assert found["code"] == "EAGAIN"
    assert int(level1.out(f"awk '$1 == \"max\" {{print $2}}' {NEWEST}/pids.events")) > 0
    assert_answers(beside)


def test_descriptors(greedy: Terminal, beside: Terminal) -> None:
    found = greedy.script((SCRIPTS / "descriptors.js").read_text())
    assert found["code"] == "EMFILE"
    assert 900 < found["opened"] < 1024
    assert_answers(beside)


@pytest.fixture
def half_a_processor(level1: Host) -> Iterator[None]:
    """The limit of sessions that are opened meanwhile. The machine may have no more than one."""
    with broken(level1, LIMITS):
        level1.out(f'sed -i \'s/"cpus": 1.0/"cpus": 0.5/\' {LIMITS}')
        yield


@pytest.mark.usefixtures("half_a_processor")
def test_cpu(level1: Host, beside: Terminal) -> None:
    """Two threads spin; the session's group gets half of one processor's time at the most."""
    spin = "new (require('worker_threads').Worker)('for (;;);', { eval: true });"
    with Terminal(level1) as session:
        session.script(spin * 2)
        assert_answers(beside)
        sample = (
            f"f={NEWEST}/cpu.stat;"
            "a=$(awk '/usage_usec/ {print $2}' $f); s=$(date +%s%N); sleep 10; b=$(awk '/usage_usec/ {print $2}' $f);"
            "e=$(date +%s%N); echo $((b - a)) $(((e - s) / 1000))"
        )
        used, passed = map(int, level1.out(sample).split())
    print(f"cpu: {used / passed:.2f} of one processor")
    assert 0.3 < used / passed < 0.55


@pytest.mark.parametrize("path", ["/", "/etc", "/usr/bin", "/home/ably", "/dev", "/proc/sys/kernel"])
def test_nothing_else_can_be_written(level1: Host, beside: Terminal, path: str) -> None:
    source = f"try {{ require('fs').writeFileSync('{path}/x', ''); return 'written'; }} catch (e) {{ return e.code; }}"
    assert beside.script(source) in {"EROFS", "EACCES", "EPERM", "ENOENT"}


@pytest.mark.parametrize("folder", ["/tmp", "/home/ably/.ably", "/dev/shm", "/run"])
def test_nothing_that_was_written_can_be_executed(beside: Terminal, folder: str) -> None:
    source = (
        f"const fs = require('fs'); const file = '{folder}/node';"
        "try { fs.copyFileSync('/etc/passwd', file); fs.chmodSync(file, 0o755);"
        " require('child_process').execFileSync(file); return 'executed'; } catch (e) { return e.code; }"
    )
    assert beside.script(source) == "EACCES"
