"""Whatever is said to the service is a Hello or is refused: in bounded time, in few words, and it harms nobody else."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._agent import serve
from ansible_collections.ably.sandbox.plugins.module_utils._agent.session import Refusal
from ansible_collections.ably.sandbox.plugins.module_utils._agent.session_protocol import (
    VERSION,
    Hello,
    ProtocolError,
    receive_hello,
)
from ansible_collections.ably.sandbox.tests.unit.agent.stand import PATIENCE, Stand

MESSAGES = 10_000
TO_THE_PROCESS = 200
LONGEST_ANSWER = 200
GOOD = {"version": VERSION, "env": {"TERM": "xterm"}, "argv": [], "size": {"rows": 24, "columns": 80}}
# What breaks parsers, and readers of what they say.
HOSTILE = (
    b"[" * 60000,
    b'{"a":' * 10000,
    b'[{"' * 20000,
    b'"' + b"\\" * 60001,
    b'"' + b'\\"' * 32000,
    b"\0" * 60000,
    b"\xff" * 60000,
    b'{"version":' + b"9" * 60000 + b"}",
    b'{"version":1e999999}',
    b'{"version":NaN}',
    json.dumps({**GOOD, "version": "v" * 50000}).encode(),
    json.dumps({**GOOD, "\x1b]0;owned\x07" * 1000: 1}).encode(),
    json.dumps({**GOOD, "env": {"A\nMESSAGE=forged": "x"}}).encode(),
    json.dumps({**GOOD, "argv": ["\ud800"]}).encode(),
    json.dumps({**GOOD, "size": {"rows": 10**4000, "columns": 1}}).encode(),
    *(('["\\"",' + "[" * 30000 + '"').encode(encoding) for encoding in ("utf-16-le", "utf-16-be", "utf-32-le")),
    json.dumps(GOOD).encode("utf-16"),
    b"\xef\xbb\xbf" + json.dumps(GOOD).encode(),
    b"",
    b"null",
)


def messages(seed: int, count: int) -> Iterator[bytes]:
    """The hostile ones, then pure noise, and good ones with a few bytes changed, cut, doubled."""
    yield from HOSTILE[:count]
    seeded = random.Random(seed)
    good = json.dumps(GOOD).encode()
    for number in range(count - len(HOSTILE)):
        if number % 4 == 0:
            yield seeded.randbytes(seeded.randrange(2000))
            continue
        changed = bytearray(good)
        for _unused in range(seeded.randrange(1, 8)):
            place = seeded.randrange(len(changed) + 1)
            piece = seeded.choice((seeded.randbytes(1), b"[", b"{", b'"', b"\\u0000", b"\\ud800", b"1e9", good[:place]))
            changed[place : place + seeded.randrange(4)] = piece
        yield bytes(changed[:60000])


def test_the_parser() -> None:
    refused = 0
    client, service = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    before = len(os.listdir("/proc/self/fd"))
    with client, service:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        for message in messages(1, MESSAGES):
            began = time.process_time()
            socket.send_fds(client, [message], [0, 1, 2])
            refusal = _hear(service)
            refused += refusal is not None
            assert refusal is None or (len(refusal) < LONGEST_ANSWER and refusal.isprintable())
            # Generous: it is a bound, and no measurement.
            assert time.process_time() - began < 1
        assert len(os.listdir("/proc/self/fd")) == before
    assert refused > MESSAGES * 0.8


def _hear(service: socket.socket) -> str | None:
    """Why a message is refused; None for a Hello, whose descriptors are closed."""
    try:
        hello, descriptors = receive_hello(service)
    except ProtocolError as error:
        return str(error)
    assert isinstance(hello, Hello)
    for descriptor in descriptors:
        os.close(descriptor)
    return None


@pytest.mark.slow
def test_the_process(stand: Stand) -> None:
    """Each message is refused by a service of its own; honest people are served meanwhile."""

    def say(message: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            connection.settimeout(PATIENCE)
            connection.connect(stand.socket)
            with open(os.devnull, "r+b") as null:
                socket.send_fds(connection, [message], [null.fileno()] * 3)
            return connection.recv(65536)

    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(say, messages(2, TO_THE_PROCESS))
        honest = [stand.pipe(("echo", "served")).stdout for _unused in range(5)]
        found = [json.loads(answer) for answer in answers]
    assert honest == [b"served\n"] * 5
    refused = [answer for answer in found if answer.get("status") == 69]
    assert len(refused) > TO_THE_PROCESS * 0.8
    assert all(len(answer["message"]) < LONGEST_ANSWER for answer in refused)
    assert max(len(event["message"]) for event in stand.events()) < LONGEST_ANSWER + 100
    stand.wait_until_empty()


def test_few_connections_of_one_person_may_wait(tmp_path: Path) -> None:
    with contextlib.ExitStack() as waiting:
        for _unused in range(3):
            waiting.enter_context(serve._waiting(tmp_path, 4242))
        for _unused in range(2):
            with serve._waiting(tmp_path, 4242), pytest.raises(Refusal, match="4 connections of yours have asked"):
                serve._waiting(tmp_path, 4242).__enter__()


def test_root_waits_in_no_line(tmp_path: Path) -> None:
    for _unused in range(20):
        serve._waiting(tmp_path, 0).__enter__()
    assert list(tmp_path.iterdir()) == []
