"""Says things to the sessions' socket that are none of the protocol's, by their numbers, and waits for each answer."""

from __future__ import annotations

import json
import os
import random
import socket
import sys

GOOD = {"version": 2, "env": {}, "argv": [], "size": None}
KINDS = (
    b"[" * 60000,
    b'{"version":' * 5000,
    json.dumps({**GOOD, "version": "9" * 50000}).encode(),
    json.dumps({**GOOD, "x" * 50000: 1}).encode(),
    json.dumps({**GOOD, "env": {"A": "\ud800"}}).encode(),
    json.dumps({**GOOD, "env": {f"A{n}": "" for n in range(3000)}}).encode(),
    json.dumps({**GOOD, "argv": ["x"] * 9000}).encode(),
    json.dumps({**GOOD, "size": {"rows": 1e999, "columns": True}}).encode(),
    b'{"version": ' + b"1" * 60000 + b"}",
    b"\0" * 1000,
)


def send(packet: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 200000)
        connection.connect("/run/ably-sandbox/session.sock")
        null = os.open(os.devnull, os.O_RDWR)
        socket.send_fds(connection, [packet], [null, null, null])
        os.close(null)
        connection.settimeout(60)
        return connection.recv(4096)


for number in map(int, sys.argv[1:]):
    seeded = random.Random(number)
    print(send(KINDS[number] if number < len(KINDS) else seeded.randbytes(seeded.randrange(1, 60000))))
