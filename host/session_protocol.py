"""What `ably-sandbox session` and the session's service say to each other, one JSON object per packet.

The socket keeps packets apart (SOCK_SEQPACKET). First packet, client to service: Hello, with the client's standard
input, output and error as file descriptors. Then Resize packets; the service ends with one Outcome. The end of the
client's side of the connection is the end of the session.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.ably.sandbox.plugins.module_utils._core.errors import SandboxError

SESSION_SOCKET = "/run/ably-sandbox/session.sock"
VERSION = 1

STATUS_USAGE = 64
STATUS_REFUSED = 69
STATUS_BROKEN = 70
STATUS_BUSY = 75

_PACKET = 131072
_ENV_VALUE = 16384
_ARGUMENTS = 256
_WINDOW = 10000
_ENV_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


class ProtocolError(SandboxError):
    """The other side said something that the protocol does not have."""


@dataclass(frozen=True)
class Resize:
    """The size of the client's window, in characters."""

    rows: int
    columns: int


@dataclass(frozen=True)
class Hello:
    """What the client asks for. An empty `argv` is the configured command; `size` is None without a terminal."""

    env: dict[str, str]
    argv: tuple[str, ...] = ()
    size: Resize | None = None


@dataclass(frozen=True)
class Outcome:
    """The end: the exit status that the client takes over, and a sentence for the person, empty after a plain end."""

    status: int
    message: str = ""


def send_hello(connection: socket.socket, hello: Hello, descriptors: Sequence[int]) -> None:
    """The first packet; `descriptors` are standard input, output and error."""
    packet = json.dumps({"version": VERSION, **asdict(hello)}).encode()
    socket.send_fds(connection, [packet], list(descriptors))


def receive_hello(connection: socket.socket) -> tuple[Hello, list[int]]:
    """The first packet, checked, and its three descriptors. ProtocolError for anything else, silence too."""
    try:
        packet, descriptors, flags, _ = socket.recv_fds(connection, _PACKET, 3)
    except socket.timeout as error:  # an alias of TimeoutError only since 3.10
        raise ProtocolError("session: nothing was asked for") from error
    try:
        for descriptor in descriptors:
            # recv_fds takes MSG_CMSG_CLOEXEC, and forgets it.
            os.set_inheritable(descriptor, False)
        _check_whole(flags, len(descriptors))
        return _parse_hello(_parse(packet)), descriptors
    except ProtocolError:
        for descriptor in descriptors:
            os.close(descriptor)
        raise


def send_resize(connection: socket.socket, size: Resize) -> None:
    """Tells the service that the window changed; a service that is gone is noticed elsewhere."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.send(json.dumps(asdict(size)).encode())


def receive_resize(connection: socket.socket) -> Resize | None:
    """The next packet of a client, None when the client is gone."""
    try:
        packet = connection.recv(_PACKET)
    except ConnectionResetError:
        return None
    return _parse_size(_parse(packet)) if packet else None


def send_outcome(connection: socket.socket, outcome: Outcome) -> None:
    """The last packet. A client that is gone gets none."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.send(json.dumps(asdict(outcome)).encode())


def receive_outcome(connection: socket.socket) -> Outcome | None:
    """The service's last packet, None when the service is gone without one."""
    try:
        packet = connection.recv(_PACKET)
    except ConnectionResetError:
        return None
    return Outcome(**_parse(packet)) if packet else None


def _check_whole(flags: int, descriptors: int) -> None:
    if flags & (socket.MSG_CTRUNC | socket.MSG_TRUNC) or descriptors != 3:
        raise ProtocolError(f"session: expected a short packet with three file descriptors, found {descriptors}")


def _parse(packet: bytes) -> dict[str, Any]:
    try:
        value = json.loads(packet)
    except ValueError as error:
        raise ProtocolError("session: expected a packet of JSON") from error
    if not isinstance(value, dict):
        raise ProtocolError("session: expected a JSON object")
    return value


def _parse_hello(packet: dict[str, Any]) -> Hello:
    if packet.get("version") != VERSION:
        raise ProtocolError(
            f"session: expected protocol version {VERSION}, found {packet.get('version')!r}",
            "the program was upgraded just now; open the session again",
        )
    if set(packet) != {"version", "env", "argv", "size"}:
        raise ProtocolError(f"session: unexpected keys in {sorted(packet)}")
    size = None if packet["size"] is None else _parse_size(packet["size"])
    return Hello(_parse_env(packet["env"]), _parse_argv(packet["argv"]), size)


def _parse_env(raw: object) -> dict[str, str]:
    if not isinstance(raw, dict) or not all(_is_variable(name, value) for name, value in raw.items()):
        raise ProtocolError("session: expected an environment of short texts")
    return raw


def _is_variable(name: str, value: object) -> bool:
    return bool(_ENV_NAME.match(name)) and isinstance(value, str) and len(value) <= _ENV_VALUE and "\0" not in value


def _parse_argv(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or len(raw) > _ARGUMENTS:
        raise ProtocolError(f"session: expected at most {_ARGUMENTS} arguments")
    if not all(isinstance(part, str) and "\0" not in part for part in raw):
        raise ProtocolError("session: expected arguments that are texts")
    return tuple(raw)


def _parse_size(raw: object) -> Resize:
    if not isinstance(raw, dict) or set(raw) != {"rows", "columns"}:
        raise ProtocolError("session: expected rows and columns")
    if not all(type(value) is int and 0 <= value <= _WINDOW for value in raw.values()):
        raise ProtocolError(f"session: expected rows and columns from 0 to {_WINDOW}")
    return Resize(raw["rows"], raw["columns"])
