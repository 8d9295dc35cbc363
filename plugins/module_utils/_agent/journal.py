"""Events in the journal, as fields that a program can select on (`journalctl -t ably-sandbox -o json`).

Source: systemd's "Native Journal Protocol": one datagram, `NAME=value` lines, or for values with line breaks the
name, a line break, the length as eight bytes little endian, the value and a line break.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping

JOURNAL_SOCKET = "/run/systemd/journal/socket"
IDENTIFIER = "ably-sandbox"
INFO = 6
WARNING = 4


def send_event(event: str, message: str, fields: Mapping[str, str], priority: int = INFO) -> None:
    """One event. Without journald's socket it goes to standard output: a session ends all the same."""
    entry = {
        "MESSAGE": message,
        "PRIORITY": str(priority),
        "SYSLOG_IDENTIFIER": IDENTIFIER,
        "ABLY_EVENT": event,
        **fields,
    }
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        try:
            journal.sendto(render_entry(entry), JOURNAL_SOCKET)
        except OSError as error:
            print(f"{event}: {message} (journal: {error})", flush=True)


def render_entry(fields: Mapping[str, str]) -> bytes:
    """The datagram of one entry."""
    return b"".join(_render_field(name, value.encode(errors="replace")) for name, value in fields.items())


def _render_field(name: str, value: bytes) -> bytes:
    if b"\n" in value:
        return name.encode() + b"\n" + struct.pack("<Q", len(value)) + value + b"\n"
    return name.encode() + b"=" + value + b"\n"
