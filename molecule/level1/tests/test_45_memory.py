"""When memory is short a session goes before the host does, and nothing in it can put that off (more: level 2)."""

from __future__ import annotations

import re
from pathlib import Path

from support.broken import broken
from support.host import Host
from support.places import assert_nobody_takes_a_better_place
from support.session import OPEN

FORK = Path(__file__).parent / "scripts" / "fork.js"
FRAGMENTS = "/etc/ably-sandbox/container.d"


def test_nobody_takes_a_better_place(level1: Host) -> None:
    assert_nobody_takes_a_better_place(level1)


def test_a_command_that_forks_at_once_has_no_child_with_a_better_place(level1: Host) -> None:
    """Fifty children, started before anybody can have looked at the command's process."""
    with broken(level1, f"{FRAGMENTS}/10-filesystem.json", f"{FRAGMENTS}/11-limits.json"):
        level1.out(f'sed -i \'s/"any_command": false/"any_command": true/\' {FRAGMENTS}/10-filesystem.json')
        level1.out(f'sed -i \'s/"pids": 50/"pids": 100/\' {FRAGMENTS}/11-limits.json')
        status, text = level1.call(f'{OPEN} -- /usr/bin/node -e "$(cat)"', stdin=FORK.read_bytes())
    assert status == 0, text
    found = re.search(r"PLACES (\d+) (.*)", text)
    assert found, text
    assert int(found[1]) == 50
    assert set(found[2].split()) == {"900"}, text
