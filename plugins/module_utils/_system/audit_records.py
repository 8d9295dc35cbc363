"""Listening to the kernel's audit records as it makes them: all of them, where its log would leave some out.

Source: linux/audit.h and netlink(7). The kernel sends every record to a group of netlink, whether or not auditd or
journald take it as well. To hear them takes root in the host's own network namespace, and changes nothing.
"""

from __future__ import annotations

import contextlib
import errno
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator

from .._controls.seccomp.records import CallRecord, parse_call_record
from .._engine.errors import SandboxError

_NETLINK_AUDIT = 9
_READERS = 1
_SECCOMP = 1326
_HEADER = struct.Struct("=IHHII")
# asm-generic/socket.h; Python's socket module has no name for it.
_SO_RCVBUFFORCE = 33
_BUFFER = 8 << 20
_POLL = 0.1
# A record leaves the kernel by a thread of its own, a little after the call.
_SETTLE = 0.5


class CallListener:
    """Records of system calls, each kind once. `is_complete`: the kernel had to drop none."""

    def __init__(self) -> None:
        self.is_complete = True
        self._records: set[CallRecord] = set()
        self._is_over = threading.Event()
        self._running: tuple[socket.socket, threading.Thread] | None = None

    def start(self) -> None:
        """Raises SandboxError when this kernel has no audit records, or we may not read them."""
        try:
            source = _subscribe()
        except OSError as error:
            raise SandboxError(
                f"the kernel's audit records cannot be read: {error.strerror}", "run this as root, on the host itself"
            ) from error
        thread = threading.Thread(target=self._listen, args=(source,), daemon=True)
        thread.start()
        self._running = source, thread

    def stop(self) -> None:
        self._is_over.set()
        if self._running is not None:
            source, thread = self._running
            thread.join()
            source.close()

    def records_of(self, uid: int) -> frozenset[CallRecord]:
        """Those of one user so far. Waits until what was just done has arrived."""
        time.sleep(_SETTLE)
        return frozenset(record for record in tuple(self._records) if record.uid == uid)

    def _listen(self, source: socket.socket) -> None:
        while not self._is_over.is_set():
            if not select.select([source], [], [], _POLL)[0]:
                continue
            try:
                self._take(source.recv(65536))
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self.is_complete = False

    def _take(self, message: bytes) -> None:
        _unused, kind, _unused, _unused, _unused = _HEADER.unpack_from(message)
        record = parse_call_record(message[_HEADER.size :].decode("utf-8", "replace")) if kind == _SECCOMP else None
        if record is not None:
            self._records.add(record)


@contextlib.contextmanager
def listen() -> Iterator[CallListener]:
    """A listener that has begun to listen. Raises SandboxError where it cannot."""
    listener = CallListener()
    listener.start()
    try:
        yield listener
    finally:
        listener.stop()


def _subscribe() -> socket.socket:
    events = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_AUDIT)
    try:
        with contextlib.suppress(OSError):
            events.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        events.bind((0, _READERS))
    except OSError:
        events.close()
        raise
    return events
