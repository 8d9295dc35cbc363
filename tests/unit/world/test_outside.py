"""The outside world's pure parts: MessagePack, DNS, ClientHello, the Ably protocol."""

from __future__ import annotations

import contextlib
import itertools
import ssl
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ably.sandbox.tests.world import ably_protocol as protocol
from ansible_collections.ably.sandbox.tests.world import client_hello, msgpack, names, web

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(), inner, max_size=20),
    max_leaves=30,
)


@given(VALUES)
def test_msgpack_gives_back_what_went_in(value: Any) -> None:
    assert msgpack.decode(msgpack.encode(value)) == value


@given(st.binary(max_size=200))
def test_msgpack_reads_or_refuses_any_bytes(data: bytes) -> None:
    with contextlib.suppress(msgpack.MsgpackError):
        msgpack.decode(data)


@pytest.mark.parametrize("size", [0, 31, 32, 255, 256, 65535, 65536])
def test_msgpack_lengths(size: int) -> None:
    for value in ("x" * size, b"x" * size, [0] * size):
        assert msgpack.decode(msgpack.encode(value)) == value


def query(name: str, kind: int) -> bytes:
    labels = b"".join(bytes((len(label),)) + label.encode() for label in name.split(".")) + b"\0"
    return struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + struct.pack(">HH", kind, 1)


ZONE = names.lab_zone("198.51.100.10", "198.51.100.20", "198.51.100.1")


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("rest.ably.io", ("198.51.100.10",)),
        ("ABLY.IO.", ("198.51.100.10",)),
        ("notably.io", None),
        ("rebind.ably.io", ("10.0.0.1", "127.0.0.1")),
        ("rebind-host.ably.io", ("198.51.100.1",)),
        ("forbidden.example.com", ("198.51.100.20",)),
        ("a.forbidden.example.com", None),
    ],
)
def test_the_zone(name: str, addresses: tuple[str, ...] | None) -> None:
    assert ZONE.lookup(name) == addresses


def test_dns_answers() -> None:
    question = names.parse_query(query("rest.ably.io", names.TYPE_A))
    assert (question.name, question.kind) == ("rest.ably.io", names.TYPE_A)
    answer = names.render_answer(question, ("198.51.100.10", "::1"))
    assert struct.unpack_from(">HHHHHH", answer) == (7, 0x8500, 1, 1, 0, 0)
    assert answer.endswith(bytes((198, 51, 100, 10)))
    assert struct.unpack_from(">HHHH", names.render_answer(question, None))[1] & 0xF == names.RCODE_NO_NAME
    assert struct.unpack_from(">HHHH", names.render_answer(question, ()))[1] & 0xF == names.RCODE_OK


@given(st.binary(max_size=100))
def test_dns_reads_or_refuses_any_datagram(data: bytes) -> None:
    try:
        names.parse_query(data)
    except names.DnsFormatError:
        names.render_format_error(data)


def hello(server_name: str | None) -> bytes:
    context = ssl.create_default_context()
    context.check_hostname = False
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    connection = context.wrap_bio(incoming, outgoing, server_hostname=server_name)
    with pytest.raises(ssl.SSLWantReadError):
        connection.do_handshake()
    return outgoing.read()


@pytest.mark.parametrize("name", ["rest.ably.io", None])
def test_server_names(name: str | None) -> None:
    data = hello(name)
    assert client_hello.is_tls(data)
    assert client_hello.record_length(data) == len(data)
    assert client_hello.parse_server_name(data) == name
    for cut in range(len(data)):
        assert client_hello.parse_server_name(data[:cut]) in (name, None)


def request(path: str, method: str = "GET", body: bytes = b"", **headers: str) -> web.Request:
    return web.Request(method, path, {}, {"authorization": "Basic YTpi", **headers}, body)


def serials() -> Any:
    numbers = itertools.count(1)
    return lambda: f"s{next(numbers)}"


def test_time_needs_no_key() -> None:
    assert protocol.answer(web.Request("GET", "/time", {}, {}, b""), 5, serials()) == protocol.Reply(200, [5])


def test_publishing_over_rest() -> None:
    reply = protocol.answer(request("/channels/a/b/messages", "POST", b'[{"data":"x"},{"data":"y"}]'), 5, serials())
    assert reply.status == 201
    assert reply.value == {"channel": "a/b", "messageId": "s1", "serials": ["s1:0", "s1:1"]}
    assert reply.published == ("a/b", ({"data": "x"}, {"data": "y"}))


@pytest.mark.parametrize("body", [b"{", b"[1]"])
def test_malformed_bodies_are_refused(body: bytes) -> None:
    assert protocol.answer(request("/channels/a/messages", "POST", body), 5, serials()).status == 400


def test_without_a_key_nothing_is_published() -> None:
    reply = protocol.answer(web.Request("POST", "/channels/a/messages", {}, {}, b"{}"), 5, serials())
    assert (reply.status, reply.published) == (401, None)


def test_a_realtime_connection_from_attach_to_close() -> None:
    connection, serial = protocol.Connection("c1"), serials()
    (attached,) = connection.receive({"action": protocol.ATTACH, "channel": "a"}, serial)
    assert (attached["action"], attached["channel"], connection.channels) == (protocol.ATTACHED, "a", {"a"})
    sent = {"action": protocol.MESSAGE, "channel": "a", "msgSerial": 4, "messages": [{"data": "x"}]}
    (ack,) = connection.receive(sent, serial)
    assert ack == {"action": protocol.ACK, "msgSerial": 4, "count": 1, "res": [{"serials": ["s2:0"]}]}
    assert protocol.publication(sent) == ("a", ({"data": "x"},))
    assert connection.receive({"action": protocol.HEARTBEAT, "id": "h"}, serial) == [{"action": 0, "id": "h"}]
    assert connection.receive({"action": protocol.DETACH, "channel": "a"}, serial)[0]["action"] == protocol.DETACHED
    assert connection.receive({"action": protocol.CLOSE}, serial)[0]["action"] == protocol.CLOSED
    assert connection.closed
