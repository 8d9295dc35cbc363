"""What `ably-sandbox session` and the session's service say to each other, one JSON object per packet.

The socket keeps packets apart (SOCK_SEQPACKET). First packet, client to service: Hello, with the client's standard
input, output and error as file descriptors. The service says Opened once the command line runs and is proven; the
client says Resize; the service ends with one Outcome. The end of the client's side of the connection is the end of the
session.

Whoever is in the group may say anything: what a packet may be is bounded before it is parsed, and no answer and no line
of the journal repeats what was in it.
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

from .._engine.errors import SandboxError

VERSION = 2

_HELLO = 65536
_ANSWER = 4096
_ENV_VARIABLES = 64
_ENV_VALUE = 16384
_ARGUMENTS = 256
_WINDOW = 10000
_ENV_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
# A Hello has an object with two more and a list in it; the parser recurses once for each.
_CONTAINERS = 4
_HALF = re.compile("[\ud800-\udfff]")
# One that does not end reaches to the end: a search that began again at each of its quotes would take seconds.
_STRING = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)', re.DOTALL)


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
class Opened:
    """The command line runs. `proven`: its process was looked at; false where it had ended before that was possible."""

    session: str
    proven: bool


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
        packet, descriptors, flags, _unused = socket.recv_fds(connection, _HELLO, 3)
    except socket.timeout as error:  # an alias of TimeoutError only since 3.10
        raise ProtocolError("session: nothing was asked for in time") from error
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
    packet = _receive_packet(connection)
    return _parse_size(_parse(packet)) if packet else None


def send_answer(connection: socket.socket, answer: Opened | Outcome) -> None:
    """What the service says. A client that is gone, or that does not listen, hears nothing."""
    with contextlib.suppress(OSError):
        connection.send(json.dumps(asdict(answer)).encode(), socket.MSG_DONTWAIT)


def receive_answer(connection: socket.socket) -> Opened | Outcome | None:
    """The service's next packet, None when the service is gone."""
    packet = _receive_packet(connection)
    if not packet:
        return None
    value = _parse(packet)
    return Outcome(**value) if "status" in value else Opened(**value)


def _receive_packet(connection: socket.socket) -> bytes:
    """Empty when the other side is gone."""
    try:
        return connection.recv(_ANSWER)
    except ConnectionResetError:
        return b""


def _check_whole(flags: int, descriptors: int) -> None:
    if flags & (socket.MSG_CTRUNC | socket.MSG_TRUNC) or descriptors != 3:
        raise ProtocolError(f"session: expected a short packet with three file descriptors, found {descriptors}")


def _parse(packet: bytes) -> dict[str, Any]:
    try:
        # UTF-8 and nothing else: given bytes, the parser would take UTF-16 as well, in which a bracket looks otherwise.
        text = packet.decode("utf-8")
        bare = _STRING.sub("", text)
        if bare.count("[") + bare.count("{") > _CONTAINERS:
            raise ProtocolError("session: expected fewer values inside one another")
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("session: expected a packet of JSON") from error
    if not isinstance(value, dict):
        raise ProtocolError("session: expected a JSON object")
    return value


def _parse_hello(packet: dict[str, Any]) -> Hello:
    version = packet.get("version")
    if type(version) is not int or version != VERSION:
        raise ProtocolError(
            f"session: expected protocol version {VERSION}, found another",
            "the agent was upgraded just now; open the session again",
        )
    if set(packet) != {"version", "env", "argv", "size"}:
        raise ProtocolError("session: expected version, env, argv and size, found other keys")
    size = None if packet["size"] is None else _parse_size(packet["size"])
    return Hello(_parse_env(packet["env"]), _parse_argv(packet["argv"]), size)


def _parse_env(raw: object) -> dict[str, str]:
    if not isinstance(raw, dict) or len(raw) > _ENV_VARIABLES:
        raise ProtocolError(f"session: expected at most {_ENV_VARIABLES} variables of the environment")
    if not all(_ENV_NAME.fullmatch(name) and _is_text(value, _ENV_VALUE) for name, value in raw.items()):
        raise ProtocolError("session: expected an environment of short strings")
    return raw


def _is_text(value: object, length: int) -> bool:
    """A string that an operating system takes: no NUL, and no half of a character."""
    return isinstance(value, str) and len(value) <= length and "\0" not in value and not _HALF.search(value)


def _parse_argv(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or len(raw) > _ARGUMENTS:
        raise ProtocolError(f"session: expected at most {_ARGUMENTS} arguments")
    if not all(_is_text(part, _HELLO) for part in raw):
        raise ProtocolError("session: expected arguments that are strings")
    return tuple(raw)


def _parse_size(raw: object) -> Resize:
    if not isinstance(raw, dict) or set(raw) != {"rows", "columns"}:
        raise ProtocolError("session: expected rows and columns")
    if not all(type(value) is int and 0 <= value <= _WINDOW for value in raw.values()):
        raise ProtocolError(f"session: expected rows and columns from 0 to {_WINDOW}")
    return Resize(raw["rows"], raw["columns"])
