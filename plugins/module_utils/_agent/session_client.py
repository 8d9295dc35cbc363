"""`ably-sandbox session`: opens a session in this terminal (or over these pipes) and returns its exit status.

The terminal itself goes to the service as a file descriptor; nothing that is typed or shown passes through here. What
this program does is report window sizes, and wait. Its end is the session's end.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import socket
import struct
import sys
import termios
from collections.abc import Iterator, Sequence
from typing import Any

from .._controls.names import SESSION_SOCKET
from . import statuses
from .session_protocol import Hello, Opened, Outcome, Resize, receive_answer, send_hello, send_resize

_FORWARDED = ("TERM", "COLORTERM", "LANG")
_CREDENTIALS = "ABLY_"
_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
# How long the service has to put the terminal back in order after this program was told to end.
_PATIENCE = 10.0
_USAGE = "usage: ably-sandbox session [-- COMMAND [ARGUMENT...]]   (a command only where the host allows it)"


def main(arguments: Sequence[str], path: str = SESSION_SOCKET) -> int:
    """Runs one session. Besides the command's own: 69 refused, 70 broke off, 75 all sessions in use."""
    if tuple(arguments) in {("-h",), ("--help",)}:
        print(_USAGE)
        return statuses.OK
    command = _parse_arguments(arguments)
    if command is None:
        print(_USAGE, file=sys.stderr)
        return statuses.USAGE
    _fill_standard_descriptors()
    connection = _connect(path)
    if connection is None:
        return statuses.REFUSED
    with contextlib.closing(connection), _restored_terminal():
        outcome = _attend(connection, command)
    if outcome.message:
        print(f"ably-sandbox: {outcome.message}", file=sys.stderr)
    return outcome.status


def _parse_arguments(arguments: Sequence[str]) -> tuple[str, ...] | None:
    if arguments and arguments[0] == "--":
        return tuple(arguments[1:])
    return None if arguments else ()


def _connect(path: str) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        connection.connect(path)
    except OSError as error:
        connection.close()
        print(f"ably-sandbox: {_explain(error)}", file=sys.stderr)
        return None
    return connection


def _explain(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "you may not open sessions on this host; its operator can add you to the group ably-sandbox"
    if isinstance(error, (FileNotFoundError, ConnectionRefusedError)):
        return "no sessions are served on this host just now; please try again later or tell its operator"
    return f"the session could not be opened: {error.strerror}"


def _attend(connection: socket.socket, command: tuple[str, ...]) -> Outcome:
    with _signals() as wakeup:
        try:
            send_hello(connection, Hello(_choose_env(), command, _read_size()), (0, 1, 2))
        except OSError as error:
            return Outcome(statuses.REFUSED, f"the service did not listen ({error.strerror}); please try again later")
        return _wait(connection, wakeup)


def _wait(connection: socket.socket, wakeup: socket.socket) -> Outcome:
    """Until the service has said how it ended; after a signal to end, that signal's status, and not for long."""
    ending = 0
    while True:
        ready, _unused, _unused = select.select([connection, wakeup], [], [], _PATIENCE if ending else None)
        if connection in ready or not ready:
            answer = receive_answer(connection) if ready else None
            if isinstance(answer, Opened):
                continue
            if ending:
                return Outcome(128 + ending)
            return answer or Outcome(statuses.BROKEN, "the session broke off")
        for number in wakeup.recv(64):
            if number == signal.SIGWINCH:
                size = _read_size()
                if size is not None:
                    send_resize(connection, size)
            elif not ending:
                ending = number
                # The service takes it as our end, puts the terminal in order and answers.
                connection.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def _signals() -> Iterator[socket.socket]:
    """A socket on which the numbers of the signals that concern us arrive as bytes."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    numbers = (signal.SIGWINCH, *_ENDING_SIGNALS)
    before = {number: signal.signal(number, lambda *_unused: None) for number in numbers}
    previous = signal.set_wakeup_fd(theirs.fileno())
    try:
        yield ours
    finally:
        signal.set_wakeup_fd(previous)
        for number, handler in before.items():
            signal.signal(number, handler)
        ours.close()
        theirs.close()


@contextlib.contextmanager
def _restored_terminal() -> Iterator[None]:
    """The service restores what it changes; this is for a service that was killed."""
    before: list[Any] | None = None
    with contextlib.suppress(termios.error):
        before = termios.tcgetattr(0)
    try:
        yield
    finally:
        if before is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(0, termios.TCSANOW, before)


def _fill_standard_descriptors() -> None:
    """A program may be started with 0, 1 or 2 closed; the service is handed three descriptors all the same."""
    while True:
        descriptor = os.open(os.devnull, os.O_RDWR)
        if descriptor > 2:
            os.close(descriptor)
            return


def _choose_env() -> dict[str, str]:
    """What may be of use in a session; the service takes from it what its configuration names."""
    return {name: value for name, value in os.environ.items() if name in _FORWARDED or name.startswith(_CREDENTIALS)}


def _read_size() -> Resize | None:
    try:
        rows, columns, _unused, _unused = struct.unpack("HHHH", fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8)))
    except OSError:
        return None
    return Resize(rows, columns)
