"""A session over a real pseudo-terminal."""

from __future__ import annotations

import re

from support.host import Host
from support.session import CONTAINERS, OPEN, VISITOR, Terminal, run_lines, wait_until_all_ended
from support.terminal import COLUMNS, ROWS, assert_ends_by_key, assert_is_a_terminal


def test_who_one_is_and_what_one_types(level1: Host) -> None:
    with Terminal(level1, rows=ROWS, columns=COLUMNS) as session:
        assert re.search(r"uid=606\d\d gid=606\d\d user=ably home=/home/ably host=ably", session.ask("whoami"))
        assert session.ask("echo grüße 🌍 漢字") == "grüße 🌍 漢字"
        assert_is_a_terminal(session)
        assert session.ask("echo still here") == "still here"
        assert_ends_by_key(session)
    wait_until_all_ended(level1)


def test_exit_statuses_arrive(level1: Host) -> None:
    with Terminal(level1) as session:
        session.client.send("exit 7\r")
        assert session.end() == 7
    status, text = run_lines(level1, "echo without a terminal", "exit 3")
    assert (status, "without a terminal" in text) == (3, True)


def test_the_terminal_is_sane_after_a_client_was_killed(level1: Host) -> None:
    shell = f"sh -c 'stty -a > /tmp/before; {OPEN}; stty -a > /tmp/after; echo shell goes on'"
    with Terminal(level1, command=shell) as session:
        assert level1.out(CONTAINERS) == "1"
        level1.out("pkill -KILL -f '^/usr/bin/python3 .*ably-sandbox session'")
        session.expect("shell goes on")
    level1.out("cmp /tmp/before /tmp/after; rm /tmp/before /tmp/after")
    wait_until_all_ended(level1)


def test_whoever_is_not_in_the_group_gets_no_session(level1: Host) -> None:
    stranger = VISITOR.replace("--groups=60591", "--clear-groups")
    status, text = level1.call(f"{stranger} ably-sandbox session")
    assert status != 0
    assert "ably-sandbox" in text
    assert "Traceback" not in text
    assert level1.out(CONTAINERS) == "0"
