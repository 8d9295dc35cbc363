"""What a person does at a terminal besides typing lines."""

from __future__ import annotations

from support.session import PROMPT, Terminal

ROWS, COLUMNS = 30, 100


def assert_is_a_terminal(session: Terminal) -> None:
    """Of ROWS and COLUMNS: its size, a change of it, and Ctrl-C, on a line and during a command."""
    assert session.ask("size") == f"rows {ROWS} columns {COLUMNS}"
    session.client.setwinsize(41, 123)
    session.expect("rows 41 columns 123")
    session.client.send("half a line")
    session.client.sendintr()
    session.expect(r"\^C")
    session.expect(PROMPT)
    session.client.send("eval console.log('it runs'); await new Promise((resolve) => setTimeout(resolve, 600000))\r")
    session.expect(r"\nit runs")
    session.client.sendintr()
    session.expect("interrupted")
    session.expect(PROMPT)


def assert_ends_by_key(session: Terminal) -> None:
    """Ctrl-D."""
    session.client.sendeof()
    assert session.end() == 0
