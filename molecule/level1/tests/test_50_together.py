"""Sessions at once: who they are, what they see of each other, and a full house."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.host import Host, wait_until
from support.session import CONTAINERS, OPEN, Terminal, run_lines

PROCESSES = "return require('fs').readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).length;"
FILES = "return require('fs').readdirSync('/home/ably/.ably').concat(require('fs').readdirSync('/tmp'));"


@pytest.fixture(scope="module")
def two(level1: Host) -> Iterator[tuple[Terminal, Terminal]]:
    with Terminal(level1) as one, Terminal(level1) as other:
        yield one, other


def test_two_sessions_do_not_see_each_other(two: tuple[Terminal, Terminal]) -> None:
    one, other = two
    assert one.ask("whoami") != other.ask("whoami")
    one.script(
        "require('fs').writeFileSync('/tmp/mine', ''); require('fs').writeFileSync('/home/ably/.ably/mine', '');"
    )
    assert other.script(FILES) == []
    # The pause program and the command line.
    assert (one.script(PROCESSES), other.script(PROCESSES)) == (2, 2)


def test_a_full_house_says_so(level1: Host, two: tuple[Terminal, Terminal]) -> None:
    with Terminal(level1):
        status, text = level1.call(OPEN, stdin=b"")
        assert status != 0
        assert f"all {len(two) + 1} sessions are in use" in text


def test_a_session_that_ends_makes_room(level1: Host, two: tuple[Terminal, Terminal]) -> None:
    wait_until(lambda: level1.out(CONTAINERS) == str(len(two)), "the third session's container is gone")
    status, text = run_lines(level1, "echo room again", "exit")
    assert status == 0, text
