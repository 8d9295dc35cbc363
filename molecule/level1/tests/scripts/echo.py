"""Answers `host` by TCP and by UDP: `echo.py PORT`. `echo.py PORT ADDRESS` asks it and prints both answers."""

from __future__ import annotations

import socket
import sys
import threading


def serve(port: int) -> None:
    tcp, udp = socket.create_server(("", port)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("", port))
    threading.Thread(target=serve_datagrams, args=(udp,), daemon=True).start()
    while True:
        with tcp.accept()[0] as connection:
            connection.sendall(b"host")


def serve_datagrams(udp: socket.socket) -> None:
    while True:
        udp.sendto(b"host", udp.recvfrom(64)[1])


def ask(address: str, port: int) -> str:
    with socket.create_connection((address, port), timeout=10) as tcp:
        by_tcp = tcp.recv(64).decode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(10)
        udp.sendto(b"?", (address, port))
        return f"{by_tcp} {udp.recv(64).decode()}"


if __name__ == "__main__":
    if sys.argv[2:]:
        print(ask(sys.argv[2], int(sys.argv[1])))
    else:
        serve(int(sys.argv[1]))
