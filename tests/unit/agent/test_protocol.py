"""What client and service say to each other, and what the service thinks of anything else."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._agent.session_protocol import (
    VERSION,
    Hello,
    Outcome,
    ProtocolError,
    Resize,
    receive_answer,
    receive_hello,
    receive_resize,
    send_answer,
    send_hello,
    send_resize,
)

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    client, service = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with client, service:
        yield client, service


def hello(**changed: object) -> bytes:
    good = {"version": VERSION, "env": {"TERM": "xterm"}, "argv": [], "size": {"rows": 24, "columns": 80}}
    return json.dumps({**good, **changed}).encode()


def test_a_hello_arrives_with_its_descriptors(pair: Pair) -> None:
    said = Hello({"TERM": "xterm", "ABLY_API_KEY": "żółć"}, ("ably", "--help"), Resize(24, 80))
    send_hello(pair[0], said, (0, 1, 2))
    heard, descriptors = receive_hello(pair[1])
    try:
        assert heard == said
        assert not any(os.get_inheritable(descriptor) for descriptor in descriptors)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        hello(version=VERSION + 1),
        hello(version=True),
        hello(version=float(VERSION)),
        hello(more=1),
        hello(env=[]),
        hello(env={"A=B": "x"}),
        hello(env={"A": 1}),
        hello(env={"A": "x" * 20000}),
        hello(env={"A": "x\0y"}),
        hello(env={"A": "\ud800"}),
        hello(env={"A" * 65: ""}),
        hello(env={f"A{n}": "" for n in range(65)}),
        hello(argv=["\udfff"]),
        hello(argv=[[["x"]]]),
        hello(argv="id"),
        hello(argv=["a\0b"]),
        hello(argv=[1]),
        hello(argv=["x"] * 300),
        hello(size=[24, 80]),
        hello(size={"rows": 24, "columns": -1}),
        hello(size={"rows": 24, "columns": 80.5}),
        hello(size={"rows": True, "columns": 80}),
    ],
)
def test_any_other_hello_is_refused_and_leaves_no_descriptor_open(pair: Pair, packet: bytes) -> None:
    before = set(os.listdir("/proc/self/fd"))
    socket.send_fds(pair[0], [packet], [0, 1, 2])
    with pytest.raises(ProtocolError):
        receive_hello(pair[1])
    assert set(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("count", [0, 1, 2, 4, 20])
def test_any_other_number_of_descriptors_is_refused(pair: Pair, count: int) -> None:
    before = set(os.listdir("/proc/self/fd"))
    socket.send_fds(pair[0], [hello()], [0] * count)
    with pytest.raises(ProtocolError):
        receive_hello(pair[1])
    assert set(os.listdir("/proc/self/fd")) == before


def test_silence_is_refused(pair: Pair) -> None:
    pair[1].settimeout(0.05)
    with pytest.raises(ProtocolError, match="nothing was asked for"):
        receive_hello(pair[1])


def test_sizes_arrive_one_by_one_and_the_end_is_none(pair: Pair) -> None:
    send_resize(pair[0], Resize(1, 2))
    send_resize(pair[0], Resize(3, 4))
    pair[0].close()
    assert [receive_resize(pair[1]) for _unused in range(3)] == [Resize(1, 2), Resize(3, 4), None]


def test_the_outcome_arrives_and_a_missing_one_is_none(pair: Pair) -> None:
    send_answer(pair[1], Outcome(75, "later"))
    pair[1].close()
    assert receive_answer(pair[0]) == Outcome(75, "later")
    assert receive_answer(pair[0]) is None


def test_a_side_that_is_gone_hurts_nobody(pair: Pair) -> None:
    pair[0].close()
    send_answer(pair[1], Outcome(0))
    assert receive_resize(pair[1]) is None
