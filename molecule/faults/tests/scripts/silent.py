"""Connects to the sessions' socket so many times, says nothing, and connects again when it is let go."""

from __future__ import annotations

import select
import socket
import sys
import time


def connect() -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.connect("/run/ably-sandbox/session.sock")
    return connection


held = [connect() for _unused in range(int(sys.argv[1]))]
print("connected", flush=True)
while True:
    ended, _unused, _unused = select.select(held, [], [])
    for connection in ended:
        held.remove(connection)
        connection.close()
    # As patient as the service: it lets a silent connection go after twenty seconds.
    time.sleep(20)
    held += [connect() for _unused in range(4 - min(4, len(held)))]
