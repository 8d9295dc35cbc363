"""The world outside: TLS on 443 at every address of its namespace, and a listener that tells who came.

Usage: outside.py CERTIFICATE ADDRESS… . Each answer says which address and which server name were reached.
"""

from __future__ import annotations

import socket
import ssl
import sys
import threading


def serve_one(context: ssl.SSLContext, connection: socket.socket, address: str) -> None:
    connection.settimeout(30)
    try:
        with context.wrap_socket(connection, server_side=True) as secure:
            while data := secure.recv(1024):
                secure.sendall(f"reached {address} {data.decode().split()[0]}".encode())
    except OSError:
        connection.close()


def serve(certificate: str, address: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server((address, 443), backlog=64) as listener:
        while True:
            connection, _unused = listener.accept()
            threading.Thread(target=serve_one, args=(context, connection, address), daemon=True).start()


if __name__ == "__main__":
    for place in sys.argv[2:]:
        threading.Thread(target=serve, args=(sys.argv[1], place)).start()
