"""The Docker Engine API over its Unix socket: requests in JSON, and the raw stream of an exec.

Not python3-docker, although Debian has it: what is needed here is five requests and one upgraded connection, and a
client of our own is no package to install, to take away again at rollback, and to differ from release to release.

Source: Docker Engine API 1.41 (Docker 20.10) to 1.44 (the oldest that Docker 29 answers).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from io import IOBase
from typing import Any, BinaryIO
from urllib.parse import urlencode

from .._controls.names import DOCKER_SOCKET
from .._engine.errors import SandboxError, UnreachableError

_OLDEST_VERSION = (1, 41)
_NEWEST_VERSION = (1, 44)
_HEAD_LIMIT = 65536
_NOT_FOUND = 404
_PIECE = 1 << 20


class DockerUnreachableError(UnreachableError):
    """Nobody answers at Docker's socket, or the answer broke off."""


class DockerApiError(SandboxError):
    """The engine answered, and refused."""

    def __init__(self, method: str, path: str, status: int, reason: str) -> None:
        super().__init__(f"docker: {method} {path}: {status} {reason}")
        self.method = method
        self.path = path
        self.status = status
        self.reason = reason


class _UnixConnection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = connect_unix(self._path, self.timeout or 0)


def connect_unix(path: str, timeout: float) -> socket.socket:
    """A connected stream socket, closed again when the connection fails."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout)
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


class DockerApi:
    """One engine. Every request is a connection of its own, so that a restarted engine is no special case."""

    def __init__(self, path: str = DOCKER_SOCKET, timeout: float = 60.0) -> None:
        self._path = path
        self._timeout = timeout
        self._prefix: str | None = None

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:  # JSON comes in here
        """The JSON value at a path."""
        return self.request("GET", path, query)

    def find(self, path: str) -> Any:  # JSON comes in here
        """The JSON value at a path, None when there is no such thing."""
        try:
            return self.get(path)
        except DockerApiError as error:
            if error.status != _NOT_FOUND:
                raise
            return None

    def post(self, path: str, body: object = None, query: Mapping[str, str] | None = None) -> Any:
        """The JSON answer to a request that changes something, None when there is none."""
        return self.request("POST", path, query, body)

    def delete(self, path: str, query: Mapping[str, str] | None = None) -> None:
        """Removes what is at a path."""
        self.request("DELETE", path, query)

    def request(self, method: str, path: str, query: Mapping[str, str] | None = None, body: object = None) -> Any:
        """The JSON answer, None when it is empty. DockerApiError for a status from 400, with Docker's own message."""
        return self._exchange(method, self._target(path, query), body)

    def upload(self, path: str, archive: BinaryIO, query: Mapping[str, str] | None = None) -> Any:
        """The answer to a tar archive, which is sent from where the file stands to its end."""
        return self._exchange("POST", self._target(path, query), archive)

    def download(self, path: str, query: Mapping[str, str], take: Callable[[bytes], None]) -> None:
        """Hands the answer over in pieces, however long it is. DockerUnreachableError when it breaks off."""
        connection = _UnixConnection(self._path, self._timeout)
        with contextlib.closing(connection):
            try:
                connection.request("GET", self._target(path, query))
                response = connection.getresponse()
                if response.status >= 400:
                    raise DockerApiError("GET", path, response.status, _read_reason(response.read()))
                while piece := response.read(_PIECE):
                    take(piece)
            except (OSError, HTTPException) as error:
                raise self._unreachable(error) from error

    def hijack(self, path: str, body: object) -> tuple[socket.socket, bytes]:
        """POST that turns the connection into a raw stream: the socket, and what has already been read of the stream.

        The socket is blocking without a timeout; the caller closes it.
        """
        target = self._target(path, None)
        try:
            connection = connect_unix(self._path, self._timeout)
        except OSError as error:
            raise self._unreachable(error) from error
        try:
            connection.sendall(_render_upgrade(target, body))
            head, rest = _read_head(connection)
            _check_upgraded(target, head, lambda: _read_body(connection, head, rest))
            connection.settimeout(None)
        except OSError as error:
            connection.close()
            raise self._unreachable(error) from error
        except SandboxError:
            connection.close()
            raise
        return connection, rest

    def _target(self, path: str, query: Mapping[str, str] | None) -> str:
        if self._prefix is None:
            self._prefix = self._negotiate()
        return self._prefix + path + (f"?{urlencode(query)}" if query else "")

    def _negotiate(self) -> str:
        """The newest version that both sides know; an engine that has dropped it is asked in its oldest."""
        versions = self._exchange("GET", "/version", None)
        oldest, newest = (_parse_version(versions[name]) for name in ("MinAPIVersion", "ApiVersion"))
        if newest < _OLDEST_VERSION:
            raise SandboxError(
                f"docker: the engine speaks API {versions['ApiVersion']}, 1.41 is needed",
                "Docker 20.10 is the oldest that is supported",
            )
        return "/v{}.{}".format(*max(oldest, min(newest, _NEWEST_VERSION)))

    def _exchange(self, method: str, target: str, body: object) -> Any:
        connection = _UnixConnection(self._path, self._timeout)
        payload, headers = _render_body(body)
        with contextlib.closing(connection):
            try:
                connection.request(method, target, payload, headers)
                response = connection.getresponse()
                content = response.read()
            except (OSError, HTTPException) as error:
                raise self._unreachable(error) from error
        if response.status >= 400:
            raise DockerApiError(method, target, response.status, _read_reason(content))
        return _read_json(content)

    def _unreachable(self, error: Exception) -> DockerUnreachableError:
        return DockerUnreachableError(f"docker: no answer at {self._path}: {error}", "is docker.service running?")


def _render_body(body: object) -> tuple[bytes | IOBase | None, dict[str, str]]:
    """A file goes as it is, and http.client reads it in pieces; anything else as JSON."""
    if body is None:
        return None, {}
    if isinstance(body, IOBase):
        length = os.fstat(body.fileno()).st_size - body.tell()
        return body, {"Content-Type": "application/x-tar", "Content-Length": str(length)}
    return json.dumps(body).encode(), {"Content-Type": "application/json"}


def _parse_version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _read_json(content: bytes) -> Any:
    """The value of an answer. Requests that stream progress answer in lines; the last one is the outcome."""
    lines = content.split(b"\r\n") if b"\r\n" in content else [content]
    values = [json.loads(line) for line in lines if line.strip()]
    return values[-1] if values else None


def _read_reason(content: bytes) -> str:
    try:
        return str(json.loads(content)["message"])
    except (ValueError, KeyError, TypeError):
        return content.decode(errors="replace").strip()


def _render_upgrade(target: str, body: object) -> bytes:
    payload = json.dumps(body).encode()
    head = (
        f"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(payload)}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
    )
    return head.encode() + payload


def _read_head(connection: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(4096)
        if not chunk or len(data) > _HEAD_LIMIT:
            raise DockerUnreachableError("docker: the answer broke off before its headers ended")
        data += chunk
    head, _unused, rest = data.partition(b"\r\n\r\n")
    return head, rest


def _read_body(connection: socket.socket, head: bytes, rest: bytes) -> bytes:
    length = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
    wanted = min(int(length.group(1)), _HEAD_LIMIT) if length else 0
    while len(rest) < wanted:
        chunk = connection.recv(wanted - len(rest))
        if not chunk:
            break
        rest += chunk
    return rest


def _check_upgraded(target: str, head: bytes, read_body: Callable[[], bytes]) -> None:
    """101, or 200 from an engine that upgrades without saying so; anything else is a refusal with a JSON body."""
    status = int(head.split(b" ", 2)[1])
    if status not in {101, 200}:
        raise DockerApiError("POST", target, status, _read_reason(read_body()))
