"""The person's side of a session: the three descriptors that the client handed over.

They are somebody else's: shared with a shell that must not find them non-blocking afterwards, possibly a file, a pipe
or a stopped terminal that takes nothing for hours. So each gets a thread that may block, and a socket pair in between
whose buffers hold a fast side back; the service's own loop only ever sees sockets and always stays free to end.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import termios
import threading
import tty
from collections.abc import Iterator

_CHUNK = 32768


@contextlib.contextmanager
def raw_mode(descriptor: int) -> Iterator[None]:
    """Every key goes through as it is, Ctrl-C too; the former settings come back whatever happens."""
    before = termios.tcgetattr(descriptor)
    tty.setraw(descriptor, termios.TCSANOW)
    try:
        yield
    finally:
        # A terminal that was closed has nothing to restore.
        with contextlib.suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, before)


class Inlet:
    """What comes from a descriptor, on the socket `end`. End of file and hang-up are the end of the socket."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.end, self._other = socket.socketpair()
        self._stopped, self._stop = os.pipe()
        self._thread = threading.Thread(target=self._copy, daemon=True)

    def start(self) -> None:
        """Begins to read; what nobody has typed yet stays with the next reader until then."""
        self._thread.start()

    def stop(self) -> None:
        """Reads nothing more, so that the next key goes to the person's shell again."""
        os.write(self._stop, b"x")
        self.end.close()
        self._thread.join(1.0)
        os.close(self._stop)

    def _copy(self) -> None:
        with contextlib.closing(self._other), contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while data := self._read():
                self._other.sendall(data)

    def _read(self) -> bytes:
        while True:
            watch = select.poll()
            watch.register(self._descriptor, select.POLLIN)
            watch.register(self._stopped, select.POLLIN)
            if any(descriptor == self._stopped for descriptor, _unused in watch.poll()):
                return b""
            try:
                return os.read(self._descriptor, _CHUNK)
            except BlockingIOError:
                continue
            except OSError:
                # EIO: the terminal hung up. Whatever else it is, nothing more comes.
                return b""


class Outlet:
    """What goes to a descriptor, by the socket `end`. A descriptor that takes nothing more closes the socket."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.end, self._other = socket.socketpair()
        self._thread = threading.Thread(target=self._copy, daemon=True)

    def start(self) -> None:
        """Begins to write."""
        self._thread.start()

    def finish(self, patience: float) -> None:
        """Waits until all has been written, but not longer than `patience` seconds for a side that takes nothing."""
        with contextlib.suppress(OSError):
            self.end.shutdown(socket.SHUT_WR)
        self._thread.join(patience)
        self.end.close()

    def _copy(self) -> None:
        with contextlib.closing(self._other), contextlib.suppress(OSError):
            while data := self._other.recv(_CHUNK):
                self._write(data)

    def _write(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:
                watch = select.poll()
                watch.register(self._descriptor, select.POLLOUT)
                watch.poll()
