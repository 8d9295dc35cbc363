"""Sessions at once: who they are, what they see of each other, and a full house."""

from __future__ import annotations

from contextlib import ExitStack

from support.host import Host
from support.session import OPEN, Terminal, run_lines, wait_until_all_ended

PROCESSES = "return require('fs').readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).length;"
FILES = "return require('fs').readdirSync('/home/ably/.ably').concat(require('fs').readdirSync('/tmp'));"
SESSIONS = 3


def test_two_sessions_do_not_see_each_other(level1: Host) -> None:
    with Terminal(level1) as one, Terminal(level1) as other:
        assert one.ask("whoami") != other.ask("whoami")
        one.script(
            "require('fs').writeFileSync('/tmp/mine', ''); require('fs').writeFileSync('/home/ably/.ably/mine', '');"
        )
        assert other.script(FILES) == []
        # The pause program and the command line.
        assert (one.script(PROCESSES), other.script(PROCESSES)) == (2, 2)


def test_a_full_house_says_so(level1: Host) -> None:
    with ExitStack() as open_sessions:
        for _ in range(SESSIONS):
            open_sessions.enter_context(Terminal(level1))
        status, text = level1.call(OPEN, stdin=b"")
        assert status != 0
        assert f"all {SESSIONS} sessions are in use" in text
    wait_until_all_ended(level1)
    status, text = run_lines(level1, "echo room again", "exit")
    assert status == 0, text
