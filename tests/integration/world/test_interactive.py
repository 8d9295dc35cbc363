"""The lab's prompt on a real pseudo-terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PROMPT = "ably> "
PATIENCE_SECONDS = 15
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """The person's side of a terminal that runs the command line."""

    def __init__(self, program: Path) -> None:
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.execvp("node", ("node", str(program)))
        self.seen = ""

    def type(self, text: str) -> None:
        os.write(self.descriptor, text.encode())

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def expect(self, text: str) -> str:
        """What was written up to and including `text`, without escape sequences."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text not in self.seen:
            ready, _unused, _unused = select.select([self.descriptor], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"expected {text!r}, saw {self.seen!r}"
            self.seen = ESCAPES.sub("", self.seen + os.read(self.descriptor, 4096).decode())
        before, _unused, self.seen = self.seen.partition(text)
        return before + text

    def status(self) -> int:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            if select.select([self.descriptor], [], [], 0.05)[0]:
                try:
                    os.read(self.descriptor, 4096)
                except OSError:  # EIO: the other side is closed
                    time.sleep(0.05)
        raise AssertionError("the command line did not end")

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.descriptor)


@pytest.fixture
def terminal(lab_cli: Path) -> Iterator[Terminal]:
    terminal = Terminal(lab_cli)
    terminal.expect(PROMPT)
    yield terminal
    terminal.close()


def test_text_survives_whatever_its_script(terminal: Terminal) -> None:
    terminal.type("echo grüße 世界 \U0001f30d\r")
    terminal.expect("\n")
    assert terminal.expect(PROMPT).strip().startswith("grüße 世界 \U0001f30d")


def test_size_follows_the_window(terminal: Terminal) -> None:
    terminal.resize(33, 101)
    terminal.expect("rows 33 columns 101")
    terminal.type("size\r")
    terminal.expect("rows 33 columns 101")


def test_interrupt_drops_the_line_and_prompts_again(terminal: Terminal) -> None:
    terminal.type("exit 9")
    terminal.expect("exit 9")
    terminal.type("\x03")
    terminal.expect("^C")
    terminal.expect(PROMPT)
    terminal.type("echo still here\r")
    terminal.expect("\n")
    terminal.expect("still here")


def test_interrupt_ends_a_running_command(terminal: Terminal) -> None:
    terminal.type("eval await new Promise((resolve) => setTimeout(resolve, 60000))\r")
    time.sleep(0.5)
    terminal.type("\x03")
    terminal.expect("^C")
    terminal.expect("interrupted")
    terminal.expect(PROMPT)


def test_end_of_input_leaves_with_0(terminal: Terminal) -> None:
    terminal.type("\x04")
    assert terminal.status() == 0


@pytest.mark.parametrize("status", [0, 7, 255])
def test_exit_statuses(terminal: Terminal, status: int) -> None:
    terminal.type(f"exit {status}\r")
    assert terminal.status() == status


def test_code_can_be_run_from_the_prompt(terminal: Terminal) -> None:
    terminal.type("eval return 6 * 7\r")
    terminal.expect("\n")
    terminal.expect("42")


def test_unknown_commands_are_named(terminal: Terminal) -> None:
    terminal.type("rm -rf\r")
    terminal.expect("unknown command rm")
