"""Reads the server name out of the first bytes of a TLS connection (RFC 8446 4.1.2, RFC 6066 3). Pure."""

from __future__ import annotations

_RECORD_HANDSHAKE = 0x16
_CLIENT_HELLO = 0x01
_EXTENSION_SERVER_NAME = 0


def is_tls(data: bytes) -> bool:
    """True when `data` starts like a TLS handshake record."""
    return data[:2] == bytes((_RECORD_HANDSHAKE, 3))


def record_length(data: bytes) -> int:
    """How many bytes the first record has in all; 5 when its header is not complete yet."""
    return 5 + (int.from_bytes(data[3:5], "big") if len(data) >= 5 else 0)


def parse_server_name(data: bytes) -> str | None:
    """The server name, or None when there is none, the record is cut off before it, or it is not TLS."""
    if not is_tls(data) or data[5:6] != bytes((_CLIENT_HELLO,)):
        return None
    try:
        position = 5 + 4 + 2 + 32
        position += 1 + data[position]
        position += 2 + _number(data, position)
        position += 1 + data[position]
        position += 2
        while position + 4 <= len(data):
            kind, length = _number(data, position), _number(data, position + 2)
            if kind == _EXTENSION_SERVER_NAME:
                return _first_host(data[position + 4 : position + 4 + length])
            position += 4 + length
    except IndexError:
        return None
    return None


def _number(data: bytes, position: int) -> int:
    return data[position] << 8 | data[position + 1]


def _first_host(extension: bytes) -> str | None:
    length = _number(extension, 3)
    name = extension[5 : 5 + length]
    return name.decode("ascii", "backslashreplace") if name and len(name) == length else None
