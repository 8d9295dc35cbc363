"""Carries bytes between a person and the command line in the container until one of them is gone.

One loop over sockets that never blocks: the engine's stream, the person's descriptors behind their threads, the
client's connection, the process itself (a pidfd), and the signals of this service.
"""

from __future__ import annotations

import contextlib
import enum
import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .._formats.docker_frames import STDERR, STDOUT, FrameReader
from .session_protocol import ProtocolError, Resize, receive_resize
from .terminal import Inlet, Outlet


class Ending(enum.Enum):
    """Why the pump stopped."""

    EXITED = "the command line ended"
    LEFT = "the client went away"
    OVERDUE = "the command line did not end when told to"


GRACE = 10.0
# The engine ends the stream itself soon after the process has ended; this is for one that hangs.
_LAST_OUTPUT = 5.0
# How long a person's side may take to accept the last output; a session that was cut off has said what mattered.
_FLUSH = {Ending.EXITED: 5.0, Ending.LEFT: 0.0, Ending.OVERDUE: 0.5}
_CHUNK = 32768
_HELD = 65536


@dataclass(frozen=True)
class Program:
    """The command line's side. `rest`: output that is already here; `pidfd`: None when it has ended already."""

    stream: socket.socket
    rest: bytes
    terminal: bool
    pidfd: int | None
    resize: Callable[[Resize], None]
    terminate: Callable[[], None]


class _Sink:
    """A socket and what it has not taken yet."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self.end = end
        self.pending = bytearray()

    def flush(self) -> bool:
        """Writes what fits; False when nobody takes it any more."""
        try:
            while self.pending:
                del self.pending[: self.end.send(self.pending[:_CHUNK])]
        except BlockingIOError:
            return True
        except (BrokenPipeError, ConnectionResetError):
            self.pending.clear()
            return False
        return True


class Pump:
    """One session's traffic. `client`: the connection of `ably-sandbox session`; `wakeup`: readable on SIGTERM."""

    def __init__(
        self, program: Program, client: socket.socket, descriptors: Sequence[int], wakeup: socket.socket
    ) -> None:
        self._program = program
        self._client = client
        self._wakeup = wakeup
        self._inlet = Inlet(descriptors[0])
        outputs = {STDOUT: descriptors[1]} if program.terminal else {STDOUT: descriptors[1], STDERR: descriptors[2]}
        self._outlets = {number: Outlet(descriptor) for number, descriptor in outputs.items()}
        self._sinks = {number: _Sink(outlet.end) for number, outlet in self._outlets.items()}
        self._input = _Sink(program.stream)
        self._input_open = True
        self._half_closed = False
        self._frames = FrameReader()
        self._pidfd = program.pidfd
        self._deadline: tuple[float, Ending] | None = None

    def run(self) -> Ending:
        """Until the end, whatever it is; the output that has arrived is written out before it returns."""
        self._inlet.start()
        for outlet in self._outlets.values():
            outlet.start()
        self._take_output(self._program.rest)
        ending = None
        while ending is None:
            ending = self._step()
        self._inlet.stop()
        self._finish_output(_FLUSH[ending])
        return ending

    def _step(self) -> Ending | None:
        readable, *_others = select.select(self._readers(), self._writers(), [], self._timeout())
        for source in readable:
            ending = self._handlers()[source]()
            if ending is not None:
                return ending
        # After the reading: what was just read, an end of input too, must not wait for the next event.
        self._flush_input()
        if not all(sink.flush() for sink in self._sinks.values()):
            return Ending.LEFT
        return self._check_deadline()

    def _handlers(self) -> dict[socket.socket | int, Callable[[], Ending | None]]:
        handlers: dict[socket.socket | int, Callable[[], Ending | None]] = {
            self._program.stream: self._read_program,
            self._inlet.end: self._read_person,
            self._client: self._read_client,
            self._wakeup: self._read_signal,
        }
        if self._pidfd is not None:
            handlers[self._pidfd] = self._note_exit
        return handlers

    def _readers(self) -> list[socket.socket | int]:
        """Those whose bytes there is room for."""
        full = any(len(sink.pending) >= _HELD for sink in self._sinks.values())
        wanted = dict(self._handlers())
        if full:
            del wanted[self._program.stream]
        if not self._input_open or len(self._input.pending) >= _HELD:
            del wanted[self._inlet.end]
        return list(wanted)

    def _writers(self) -> list[socket.socket]:
        return [sink.end for sink in (self._input, *self._sinks.values()) if sink.pending]

    def _timeout(self) -> float | None:
        return None if self._deadline is None else max(0.0, self._deadline[0] - time.monotonic())

    def _check_deadline(self) -> Ending | None:
        if self._deadline is not None and time.monotonic() >= self._deadline[0]:
            return self._deadline[1]
        return None

    def _read_program(self) -> Ending | None:
        try:
            data = self._program.stream.recv(_CHUNK)
        except ConnectionResetError:
            data = b""
        self._take_output(data)
        return None if data else Ending.EXITED

    def _take_output(self, data: bytes) -> None:
        if self._program.terminal:
            self._sinks[STDOUT].pending += data
            return
        for number, piece in self._frames.feed(data):
            self._sinks[STDERR if number == STDERR else STDOUT].pending += piece

    def _read_person(self) -> Ending | None:
        """The end of a file is the end of the input; the end of a terminal is its hang-up."""
        data = self._inlet.end.recv(_CHUNK)
        self._input.pending += data
        if data:
            return None
        self._input_open = False
        return Ending.LEFT if self._program.terminal else None

    def _flush_input(self) -> None:
        if not self._input.flush():
            self._input_open = False
        if not self._input_open and not self._input.pending and not self._half_closed:
            self._half_closed = True
            with contextlib.suppress(OSError):
                self._program.stream.shutdown(socket.SHUT_WR)

    def _read_client(self) -> Ending | None:
        try:
            size = receive_resize(self._client)
        except ProtocolError:
            size = None
        if size is None:
            return Ending.LEFT
        if self._program.terminal:
            self._program.resize(size)
        return None

    def _read_signal(self) -> None:
        self._wakeup.recv(64)
        self._program.terminate()
        self._deadline = (time.monotonic() + GRACE, Ending.OVERDUE)

    def _note_exit(self) -> None:
        self._pidfd = None
        self._deadline = (time.monotonic() + _LAST_OUTPUT, Ending.EXITED)

    def _finish_output(self, patience: float) -> None:
        for number, sink in self._sinks.items():
            sink.end.settimeout(patience)
            with contextlib.suppress(OSError):
                sink.end.sendall(sink.pending)
            self._outlets[number].finish(patience)
