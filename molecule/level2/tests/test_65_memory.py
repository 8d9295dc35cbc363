"""Memory is short: in a session its largest process goes, on the host a session does, and nobody can put that off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.broken import broken
from support.host import Host
from support.places import assert_no_child_takes_a_better_place, assert_nobody_takes_a_better_place
from support.session import Terminal, send_script

LIMITS = "/etc/ably-sandbox/container.d/11-limits.json"
HOG = "const all = []; for (;;) all.push(Buffer.alloc(1 << 22, 1));"
CHILD = (
    "const { spawn } = require('child_process'); const child = spawn(process.execPath, ['-e', HOG]);"
    "return await new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal)));"
)
SERVICES = "docker containerd ably-sandbox-dns ably-sandbox-proxy ably-sandbox-filter-watch ssh"
# Without swap a kernel reads its programs again and again before it gives up; with this it gives up after a second.
THRASHING = "/sys/kernel/mm/lru_gen/min_ttl_ms"


def test_nobody_takes_a_better_place(level2: Host) -> None:
    assert_nobody_takes_a_better_place(level2)


def test_a_command_that_forks_at_once_has_no_child_with_a_better_place(level2: Host) -> None:
    assert_no_child_takes_a_better_place(level2)


def test_a_session_loses_its_largest_process_and_goes_on(level2: Host) -> None:
    with Terminal(level2) as session:
        assert session.script(f"const HOG = {HOG!r}; {CHILD}") == "SIGKILL"
        assert session.ask("echo still here") == "still here"


def test_the_last_line_names_the_limit(level2: Host) -> None:
    status, text = send_script(level2, HOG)
    assert status == 137
    assert "this session was killed after it had used all of its memory (256 MiB)" in text


@pytest.fixture
def short_host(level2: Host) -> Iterator[Host]:
    """A process that the kernel must not take has all but 200 MiB; a session's own limit is not what is reached."""
    kept = level2.out(f"cat {THRASHING}")
    level2.out("cat > /run/lab-hog.py", stdin=(Path(__file__).parent / "scripts" / "host_hog.py").read_bytes())
    with broken(level2, LIMITS):
        level2.out(f'sed -i \'s/"memory": "256m"/"memory": "2g"/\' {LIMITS}; echo 1000 > {THRASHING}')
        yield level2
        level2.out(f"systemctl stop lab-hog; rm -f /run/lab-hog.py /run/lab-hog.ready; echo {kept} > {THRASHING}")


def test_a_host_that_is_short_of_memory_loses_the_session(short_host: Host) -> None:
    ran = short_host.out(f"systemctl show --property=Id,InvocationID,NRestarts {SERVICES}")
    with Terminal(short_host) as session:
        short_host.out("systemd-run --quiet --unit=lab-hog -p OOMScoreAdjust=-1000 python3 /run/lab-hog.py")
        short_host.wait_until("test -e /run/lab-hog.ready", 60)
        since = short_host.out("date +%s")
        session.client.send(f"eval {HOG}\r")
        session.expect("this session was killed after the host had run short of memory")
        assert session.end() == 137
    killed = short_host.out(f"journalctl --dmesg --since=@{since} --output=cat | grep 'Out of memory: Killed'")
    assert all(re.search(r"UID:187910\d+ .*oom_score_adj:900", line) for line in killed.splitlines()), killed
    assert short_host.out(f"systemctl show --property=Id,InvocationID,NRestarts {SERVICES}") == ran
