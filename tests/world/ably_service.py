"""The stand-in for Ably on a TLS connection: REST and realtime (WebSocket) for the real `ably` npm client."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from dataclasses import dataclass
from typing import Any

from . import ably_protocol as protocol
from . import msgpack, web
from .events import EventLog

INTERNET_UP = "/is-the-internet-up.txt"


@dataclass
class _Subscriber:
    connection: protocol.Connection
    writer: asyncio.StreamWriter
    binary: bool

    def send(self, message: protocol.Message) -> None:
        if self.binary:
            frame = web.render_frame(web.OP_BINARY, msgpack.encode(message))
        else:
            frame = web.render_frame(web.OP_TEXT, json.dumps(message).encode())
        self.writer.write(frame)


def _now_ms() -> int:
    return int(time.time() * 1000)


class AblyService:
    """Channels live in memory, for as long as the process does."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._subscribers: list[_Subscriber] = []
        self._numbers = itertools.count(1)

    def _serial(self) -> str:
        return f"{_now_ms():014d}-{next(self._numbers):06d}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, details: dict[str, Any]) -> None:
        """Answer requests until the client leaves; `details` (from, to, sni) go into every event."""
        try:
            while request := await web.read_request(reader):
                if request.is_websocket:
                    await self._serve_realtime(request, reader, writer, details)
                    return
                self._answer(request, writer, details)
                await writer.drain()
        except web.ProtocolError as error:
            self._log.write("ably", "protocol_error", **details, error=str(error))

    def _answer(self, request: web.Request, writer: asyncio.StreamWriter, details: dict[str, Any]) -> None:
        host = request.headers.get("host")
        status = 200
        if request.path == INTERNET_UP:
            writer.write(web.render_response(status, "text/plain", b"yes\n"))
        else:
            reply = protocol.answer(request, _now_ms(), self._serial)
            status = reply.status
            if reply.published:
                self._publish(*reply.published, source="rest")
            content_type, body = protocol.encode_body(request.headers.get("accept", ""), reply.value)
            writer.write(web.render_response(status, content_type, body))
        self._log.write(
            "ably", "request", **details, host=host, method=request.method, path=request.path, status=status
        )

    def _publish(self, channel: str, messages: tuple[protocol.Message, ...], source: str) -> None:
        message = protocol.delivery(channel, messages, source, self._serial(), _now_ms())
        for subscriber in self._subscribers:
            if channel in subscriber.connection.channels:
                subscriber.send(message)

    async def _serve_realtime(
        self,
        request: web.Request,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        details: dict[str, Any],
    ) -> None:
        connection = protocol.Connection(f"lab-{next(self._numbers)}")
        subscriber = _Subscriber(connection, writer, request.query.get("format") == "msgpack")
        self._log.write(
            "ably", "websocket", **details, host=request.headers.get("host"), connection=connection.identifier
        )
        writer.write(web.render_upgrade(request))
        if protocol.key_name(request) is None:
            subscriber.send({"action": protocol.ERROR, **protocol.error(401, 40101, "No credentials").value})
            return
        subscriber.send(protocol.connected(connection.identifier, request.query.get("clientId")))
        self._subscribers.append(subscriber)
        beat = asyncio.create_task(_beat(subscriber))
        try:
            await self._exchange(subscriber, reader, details)
        finally:
            beat.cancel()
            self._subscribers.remove(subscriber)

    async def _exchange(self, subscriber: _Subscriber, reader: asyncio.StreamReader, details: dict[str, Any]) -> None:
        while not subscriber.connection.closed:
            opcode, payload = await web.read_message(reader)
            if opcode == web.OP_CLOSE:
                break
            if opcode == web.OP_PING:
                subscriber.writer.write(web.render_frame(web.OP_PONG, payload))
            elif opcode in (web.OP_TEXT, web.OP_BINARY):
                self._receive(subscriber, payload, details)
            await subscriber.writer.drain()
        subscriber.writer.write(web.render_frame(web.OP_CLOSE, (1000).to_bytes(2, "big")))
        await subscriber.writer.drain()

    def _receive(self, subscriber: _Subscriber, payload: bytes, details: dict[str, Any]) -> None:
        try:
            message = msgpack.decode(payload) if subscriber.binary else json.loads(payload)
        except ValueError as error:
            raise web.ProtocolError(f"realtime: {error}") from error
        if not isinstance(message, dict):
            raise web.ProtocolError("realtime: a message must be an object")
        for reply in subscriber.connection.receive(message, self._serial):
            subscriber.send(reply)
        source = subscriber.connection.identifier
        self._log.write("ably", "realtime", **details, connection=source, action=message.get("action"))
        if published := protocol.publication(message):
            self._publish(*published, source=source)


async def _beat(subscriber: _Subscriber) -> None:
    """Keep the promise of `maxIdleInterval`: the client gives a silent connection up."""
    while True:
        await asyncio.sleep(protocol.IDLE_INTERVAL_MS / 1000 * 0.8)
        subscriber.send({"action": protocol.HEARTBEAT})
        await subscriber.writer.drain()
