"""HTTP/1.1 requests and RFC 6455 WebSocket frames over asyncio streams: only what the Ably client sends."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import struct
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

_WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_LARGEST_BODY = 1 << 20
REASONS = {200: "OK", 201: "Created", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 413: "Too Large"}

OP_TEXT, OP_BINARY, OP_CLOSE, OP_PING, OP_PONG = 1, 2, 8, 9, 10


class ProtocolError(ValueError):
    """The peer does not speak the protocol, or sends more than is allowed."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def is_websocket(self) -> bool:
        return self.headers.get("upgrade", "").lower() == "websocket"


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request, or None at the end of the connection. Header names are lower case."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial.strip():
            raise ProtocolError("http: connection ended inside a request") from error
        return None
    except asyncio.LimitOverrunError as error:
        raise ProtocolError("http: head too long") from error
    first, *lines = head.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise ProtocolError(f"http: not a request line: {first[:80]!r}")
    headers = {
        name.strip().lower(): value.strip() for name, _unused, value in (line.partition(":") for line in lines if line)
    }
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > _LARGEST_BODY:
        raise ProtocolError(f"http: content-length {length[:20]!r}")
    target = urlsplit(parts[1])
    body = await reader.readexactly(int(length))
    return Request(parts[0], unquote(target.path), dict(parse_qsl(target.query)), headers, body)


def render_response(status: int, content_type: str, body: bytes) -> bytes:
    """A complete response for a connection that is kept open."""
    head = f"HTTP/1.1 {status} {REASONS[status]}\r\ncontent-type: {content_type}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode("latin-1") + body


def render_upgrade(request: Request) -> bytes:
    """The answer that turns the connection into a WebSocket."""
    key = request.headers.get("sec-websocket-key", "") + _WEBSOCKET_GUID
    accept = base64.b64encode(hashlib.sha1(key.encode("latin-1")).digest()).decode()
    lines = (
        "HTTP/1.1 101 Switching Protocols",
        "upgrade: websocket",
        "connection: upgrade",
        f"sec-websocket-accept: {accept}",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def render_frame(opcode: int, payload: bytes) -> bytes:
    """One unfragmented frame from the server (never masked)."""
    length = len(payload)
    if length < 126:
        head = struct.pack(">BB", 0x80 | opcode, length)
    elif length < 1 << 16:
        head = struct.pack(">BBH", 0x80 | opcode, 126, length)
    else:
        head = struct.pack(">BBQ", 0x80 | opcode, 127, length)
    return head + payload


async def read_message(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The next message or control frame as (opcode, payload); fragments are joined."""
    opcode, payload = 0, b""
    while True:
        final, kind, piece = await _read_frame(reader)
        if kind >= OP_CLOSE:
            return kind, piece
        opcode = opcode or kind
        payload += piece
        if len(payload) > _LARGEST_BODY:
            raise ProtocolError("websocket: message too long")
        if final:
            return opcode, payload


async def _read_frame(reader: asyncio.StreamReader) -> tuple[bool, int, bytes]:
    first, second = await reader.readexactly(2)
    length = second & 0x7F
    if length >= 126:
        width = 2 if length == 126 else 8
        length = int.from_bytes(await reader.readexactly(width), "big")
    if length > _LARGEST_BODY:
        raise ProtocolError("websocket: frame too long")
    if not second & 0x80:
        raise ProtocolError("websocket: a client's frame must be masked")
    mask = await reader.readexactly(4)
    payload = await reader.readexactly(length)
    repeated = (mask * (length // 4 + 1))[:length]
    unmasked = (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(length, "big")
    return bool(first & 0x80), first & 0x0F, unmasked
