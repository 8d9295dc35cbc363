"""Serves the package cache to the virtual machine over stdin and stdout, one process a connection.

QEMU's guestfwd starts it whenever the guest connects to the cache's address. So no server listens anywhere, none has to
be stopped, and nobody but the guest can reach it. Usage: serve_packages.py FOLDER
"""

from __future__ import annotations

import functools
import http.server
import os
import socket
import socketserver
import sys


class PackageHandler(http.server.SimpleHTTPRequestHandler):
    """Static files, with connections kept open: apt asks for dozens of packages in a row."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class names it so)
        """Say nothing: stderr is QEMU's."""


def main() -> None:
    handler = functools.partial(PackageHandler, directory=sys.argv[1])
    # QEMU connects stdin and stdout to the same socket.
    connection = socket.socket(fileno=os.dup(0))
    handler(connection, ("guest", 0), socketserver.BaseServer(("", 0), handler))


if __name__ == "__main__":
    main()
