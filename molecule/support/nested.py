"""Says to the sessions' socket what no parser that calls itself gets through."""

from __future__ import annotations

import os
import socket

with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 200000)
    connection.connect("/run/ably-sandbox/session.sock")
    null = os.open(os.devnull, os.O_RDWR)
    socket.send_fds(connection, [b"[" * 60000], [null, null, null])
    connection.settimeout(60)
    connection.recv(4096)
