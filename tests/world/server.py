"""Sockets of the outside world: every connection is logged when it arrives, before anything is understood of it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

from . import client_hello, names, web
from .events import EventLog, peer

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter, dict[str, Any]], Awaitable[None]]

_SO_ORIGINAL_DST = 80
_PATIENCE_SECONDS = 10
_SAMPLE_BYTES = 512


def listen(address: str, port: int) -> socket.socket:
    """A listening TCP socket; the address may not be configured yet (IP_FREEBIND)."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_IP, socket.IP_FREEBIND if hasattr(socket, "IP_FREEBIND") else 15, 1)
    listener.bind((address, port))
    listener.listen(128)
    listener.setblocking(False)
    return listener


def original_destination(connection: socket.socket) -> str:
    """Where the client wanted to go, also when nftables redirected it here."""
    try:
        raw = connection.getsockopt(socket.SOL_IP, _SO_ORIGINAL_DST, 16)
    except OSError:  # ENOENT or ENOPROTOOPT: nothing was redirected
        return peer(connection.getsockname())
    port, packed = struct.unpack_from(">2xH4s", raw)
    return f"{socket.inet_ntoa(packed)}:{port}"


async def peek(connection: socket.socket, size: int) -> bytes:
    """What has arrived on `connection`, left there to be read again; empty at its end or after the patience."""
    ready = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(connection, ready.set)
    try:
        await asyncio.wait_for(ready.wait(), _PATIENCE_SECONDS)
        return connection.recv(size, socket.MSG_PEEK)
    except (TimeoutError, OSError):
        return b""
    finally:
        loop.remove_reader(connection)


async def peek_hello(connection: socket.socket) -> bytes:
    """The whole first TLS record if it comes within a second, else what there is of it."""
    data = await peek(connection, 1 << 14)
    for _unused in range(20):
        if not client_hello.is_tls(data) or len(data) >= client_hello.record_length(data):
            break
        await asyncio.sleep(0.05)
        data = await peek(connection, 1 << 14)
    return data


class Outside:
    """Accepts connections for the services and hands them on."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._tasks: set[asyncio.Task[None]] = set()

    async def accept(self, service: str, listener: socket.socket, context: ssl.SSLContext, handler: Handler) -> None:
        """Serve TLS on `listener` for ever."""
        async for connection, details in self._arrivals(service, listener):
            self._spawn(self._serve_tls(service, connection, details, context, handler))

    async def catch(self, listener: socket.socket) -> None:
        """Log what arrives on `listener` for ever: where it wanted to go, the server name, the first bytes."""
        async for connection, details in self._arrivals("catch-all", listener):
            self._spawn(self._sample(connection, details))

    async def _arrivals(self, service: str, listener: socket.socket) -> Any:
        while True:
            connection, address = await asyncio.get_running_loop().sock_accept(listener)
            details = {"from": peer(address), "to": original_destination(connection)}
            self._log.write(service, "tcp", **details)
            yield connection, details

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve_tls(
        self,
        service: str,
        connection: socket.socket,
        details: dict[str, Any],
        context: ssl.SSLContext,
        handler: Handler,
    ) -> None:
        hello = await peek_hello(connection)
        details["sni"] = client_hello.parse_server_name(hello)
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=1 << 16)
        # The protocol would start its own handler for a server connection, so the streams are put together here.
        factory = asyncio.StreamReaderProtocol(reader)
        try:
            transport, _unused = await loop.connect_accepted_socket(
                lambda: factory, connection, ssl=context, ssl_handshake_timeout=_PATIENCE_SECONDS
            )
        except (TimeoutError, OSError) as error:
            first = hello[:16].hex()
            self._log.write(service, "tls_failed", **details, error=type(error).__name__, first_bytes=first)
            return
        writer = asyncio.StreamWriter(transport, factory, reader, loop)
        self._log.write(service, "tls", **details)
        try:
            await handler(reader, writer, details)
        except (OSError, asyncio.IncompleteReadError, web.ProtocolError) as error:
            self._log.write(service, "ended", **details, error=f"{type(error).__name__}: {error}")
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), _PATIENCE_SECONDS)

    async def _sample(self, connection: socket.socket, details: dict[str, Any]) -> None:
        with contextlib.closing(connection):
            data = await peek_hello(connection)
            name = client_hello.parse_server_name(data)
            sample = data[:_SAMPLE_BYTES].decode("ascii", "backslashreplace")
            self._log.write("catch-all", "data", **details, sni=name, bytes=len(data), sample=sample)
            with contextlib.suppress(OSError):
                connection.recv(len(data) or 1)  # closing over unread data would send a reset


class Resolver(asyncio.DatagramProtocol):
    """Answers DNS over UDP; `answer` is the part that TCP uses too."""

    def __init__(self, zone: names.Zone, log: EventLog) -> None:
        self._zone = zone
        self._log = log
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self._transport is not None:
            self._transport.sendto(self.answer(data, peer(addr), "udp"), addr)

    def answer(self, data: bytes, source: str, transport: str) -> bytes:
        """The answer to one query, logged."""
        try:
            question = names.parse_query(data)
        except names.DnsFormatError as error:
            self._log.write("dns", "malformed", **{"from": source}, transport=transport, error=str(error))
            return names.render_format_error(data)
        addresses = self._zone.lookup(question.name)
        asked = {"from": source, "name": question.name, "type": question.kind, "transport": transport}
        self._log.write("dns", "query", **asked, answer=addresses)
        return names.render_answer(question, addresses)

    async def serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Queries over TCP have a length before them (RFC 1035 4.2.2)."""
        source = peer(writer.get_extra_info("peername"))
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                length = int.from_bytes(await reader.readexactly(2), "big")
                reply = self.answer(await reader.readexactly(length), source, "tcp")
                writer.write(len(reply).to_bytes(2, "big") + reply)
                await writer.drain()
        writer.close()


async def serve_forbidden(
    log: EventLog, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, details: dict[str, Any]
) -> None:
    """A service that nobody in a sandbox may reach: answers every request, so that a hole shows on both sides."""
    while request := await web.read_request(reader):
        log.write("forbidden", "request", **details, host=request.headers.get("host"), path=request.path)
        writer.write(web.render_response(200, "text/plain", b"forbidden reached\n"))
        await writer.drain()


def server_context(folder: Path, name: str) -> ssl.SSLContext:
    """TLS with the certificate `name`.pem and key `name`.key of `folder`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    context.set_alpn_protocols(["http/1.1"])
    return context
