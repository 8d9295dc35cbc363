"""What a stand-in for Ably answers: REST requests and realtime messages. Pure but for the clock and counters given in.

Written against the source of the `ably` npm client 2.28 (protocol version 6): actions of
`protocolmessagecommon.ts`, ACKs with `res[].serials`, `connectionDetails.maxIdleInterval` in milliseconds.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import msgpack
from .web import Request

HEARTBEAT, ACK, NACK, CONNECTED, DISCONNECT, CLOSE, CLOSED, ERROR = 0, 1, 2, 4, 5, 7, 8, 9
ATTACH, ATTACHED, DETACH, DETACHED, PRESENCE, MESSAGE, AUTH = 10, 11, 12, 13, 14, 15, 17
FLAG_MODES = 1 << 16 | 1 << 17 | 1 << 18 | 1 << 19
IDLE_INTERVAL_MS = 15_000
JSON, MSGPACK = "application/json", "application/x-msgpack"

Message = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """An HTTP answer, not encoded yet."""

    status: int
    value: Any
    published: tuple[str, tuple[Message, ...]] | None = None


def error(status: int, code: int, text: str) -> Reply:
    return Reply(status, {"error": {"statusCode": status, "code": code, "message": text}})


def decode_body(content_type: str, body: bytes) -> Any:
    """Read a body in the format that its content type names; ValueError when it is malformed."""
    return msgpack.decode(body) if content_type.startswith(MSGPACK) else json.loads(body)


def encode_body(accept: str, value: Any) -> tuple[str, bytes]:
    """Return content type and bytes; MessagePack only for a client that asks for it first."""
    if accept.startswith(MSGPACK):
        return MSGPACK, msgpack.encode(value)
    return JSON, json.dumps(value).encode()


def key_name(request: Request) -> str | None:
    """The name part of the API key or "token"; None without credentials. Every secret is accepted."""
    scheme, _unused, credentials = request.headers.get("authorization", "").partition(" ")
    key = request.query.get("key", "")
    if scheme.lower() == "basic":
        key = base64.b64decode(credentials + "==").decode("utf-8", "replace")
    if ":" in key:
        return key.partition(":")[0]
    return "token" if scheme.lower() == "bearer" or "access_token" in request.query else None


def answer(request: Request, now_ms: int, serial: Callable[[], str]) -> Reply:
    """Answer one REST request. `published` of the reply has to be handed to the channel's subscribers."""
    if request.path == "/time":
        return Reply(200, [now_ms])
    if key_name(request) is None:
        return error(401, 40101, "No authentication information provided")
    parts = request.path.strip("/").split("/")
    if len(parts) >= 3 and parts[0] == "channels" and parts[-1] in ("messages", "history"):
        channel = "/".join(parts[1:-1])
        return _publish(request, channel, serial) if request.method == "POST" else Reply(200, [])
    return error(404, 40400, "Could not find path: " + request.path)


def _publish(request: Request, channel: str, serial: Callable[[], str]) -> Reply:
    try:
        body = decode_body(request.headers.get("content-type", JSON), request.body)
    except ValueError as problem:
        return error(400, 40000, str(problem))
    messages = tuple(body if isinstance(body, list) else [body])
    if not all(isinstance(message, dict) for message in messages):
        return error(400, 40000, "messages must be objects")
    base = serial()
    serials = [f"{base}:{index}" for index in range(len(messages))]
    return Reply(201, {"channel": channel, "messageId": base, "serials": serials}, (channel, messages))


def connected(connection: str, client: str | None) -> Message:
    """The first message of every connection."""
    details = {
        "clientId": client,
        "connectionKey": connection + "!key",
        "maxMessageSize": 65536,
        "maxInboundRate": 250,
        "maxFrameSize": 524288,
        "serverId": "lab",
        "connectionStateTtl": 120_000,
        "maxIdleInterval": IDLE_INTERVAL_MS,
    }
    shown = {key: value for key, value in details.items() if value is not None}
    return {"action": CONNECTED, "connectionId": connection, "connectionKey": shown["connectionKey"],
            "connectionDetails": shown}  # fmt: skip


@dataclass
class Connection:
    """One realtime connection: which channels it is attached to, and what it answers."""

    identifier: str
    channels: set[str] = field(default_factory=set)
    closed: bool = False

    def receive(self, message: Message, serial: Callable[[], str]) -> list[Message]:
        """Return the replies to one message; `publication` says what goes to subscribers."""
        action, channel = message.get("action"), message.get("channel")
        if action == HEARTBEAT:
            return [{key: message[key] for key in ("action", "id") if key in message}]
        if action == CLOSE:
            self.closed = True
            return [{"action": CLOSED, "connectionId": self.identifier}]
        if action == DISCONNECT:
            self.closed = True
            return []
        if action == ATTACH and isinstance(channel, str):
            self.channels.add(channel)
            flags = message.get("flags") or 0
            modes = flags & 0x7FFF0000 or FLAG_MODES
            return [{"action": ATTACHED, "channel": channel, "channelSerial": serial(), "flags": modes}]
        if action == DETACH and isinstance(channel, str):
            self.channels.discard(channel)
            return [{"action": DETACHED, "channel": channel}]
        if action in (MESSAGE, PRESENCE):
            return [self._acknowledgement(message, serial)]
        return []

    def _acknowledgement(self, message: Message, serial: Callable[[], str]) -> Message:
        base = serial()
        count = len(message.get("messages") or message.get("presence") or ())
        serials = [f"{base}:{index}" for index in range(count)]
        return {"action": ACK, "msgSerial": message.get("msgSerial", 0), "count": 1, "res": [{"serials": serials}]}


def publication(message: Message) -> tuple[str, tuple[Message, ...]] | None:
    """The channel and messages that `message` publishes, None when it is not a publication."""
    if message.get("action") != MESSAGE or not isinstance(message.get("channel"), str):
        return None
    return message["channel"], tuple(item for item in message.get("messages") or () if isinstance(item, dict))


def delivery(channel: str, messages: tuple[Message, ...], source: str, serial: str, now_ms: int) -> Message:
    """What subscribers of `channel` receive."""
    numbered = [
        {"action": 0, "serial": f"{serial}:{index}", "timestamp": now_ms, "connectionId": source, **item}
        for index, item in enumerate(messages)
    ]
    return {
        "action": MESSAGE,
        "id": serial,
        "channel": channel,
        "channelSerial": serial,
        "connectionId": source,
        "timestamp": now_ms,
        "messages": numbered,
    }
