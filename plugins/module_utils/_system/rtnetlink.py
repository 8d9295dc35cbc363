"""Asking the kernel to set up interfaces, here or in another network namespace."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from .._engine.errors import SandboxError
from .._formats.rtnetlink import Request, encode_message, parse_acknowledgement

# From Python 3.12 on.
_SETNS = getattr(os, "setns", None)
if _SETNS is None:
    import ctypes

_CLONE_NEWNET = 0x40000000
_OWN_NAMESPACE = "/proc/self/ns/net"
_SECONDS = 5.0
_ANSWER = 65536
# What a kernel without IPv6 answers to what is about it.
NO_IPV6 = frozenset({errno.EAFNOSUPPORT, errno.EOPNOTSUPP})


class NetlinkError(SandboxError):
    """The kernel refused a message. `errno` says why."""

    def __init__(self, doing: str, number: int) -> None:
        super().__init__(f"{doing}: {os.strerror(number)}")
        self.errno = number


class RouteSocket:
    """One conversation with the routing netlink of the network namespace in which it was opened."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE)
        self._socket.settimeout(_SECONDS)
        self._sequence = 0

    def close(self) -> None:
        self._socket.close()

    def ask(self, doing: str, request: Request) -> None:
        """Until the kernel has done it. NetlinkError with `doing` and the kernel's reason when it refuses."""
        self._sequence += 1
        try:
            self._socket.send(encode_message(request, self._sequence))
            sequence, number = parse_acknowledgement(self._socket.recv(_ANSWER))
        except OSError as error:
            raise SandboxError(f"{doing}: the kernel does not answer: {error}") from error
        if sequence != self._sequence:
            raise SandboxError(f"{doing}: expected the answer to message {self._sequence}, found {sequence}")
        if number:
            raise NetlinkError(doing, number)


@contextmanager
def inside(namespace: int) -> Iterator[None]:
    """Meanwhile this thread is in the network namespace of that descriptor. A socket opened there stays there.

    Takes CAP_SYS_ADMIN.
    """
    own = os.open(_OWN_NAMESPACE, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _enter(namespace)
        try:
            yield
        finally:
            _enter(own)
    finally:
        os.close(own)


def _enter(namespace: int) -> None:
    if _SETNS is not None:
        _SETNS(namespace, _CLONE_NEWNET)
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
