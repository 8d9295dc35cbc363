"""MessagePack for the values that the Ably protocol sends: None, bool, int, float, str, bytes, list, dict.

The format is described at msgpack/spec.md of the msgpack project. Extension types are read as None, because
the Ably client uses one of them (type 0) to say "undefined".
"""

from __future__ import annotations

import struct
from typing import Any

_FIXED_WIDTHS = {
    0xCA: ">f",
    0xCB: ">d",
    0xCC: ">B",
    0xCD: ">H",
    0xCE: ">I",
    0xCF: ">Q",
    0xD0: ">b",
    0xD1: ">h",
    0xD2: ">i",
    0xD3: ">q",
}
_LENGTHS = {
    0xC4: (">B", "bin"),
    0xC5: (">H", "bin"),
    0xC6: (">I", "bin"),
    0xC7: (">B", "ext"),
    0xC8: (">H", "ext"),
    0xC9: (">I", "ext"),
    0xD9: (">B", "str"),
    0xDA: (">H", "str"),
    0xDB: (">I", "str"),
    0xDC: (">H", "array"),
    0xDD: (">I", "array"),
    0xDE: (">H", "map"),
    0xDF: (">I", "map"),
}
_CONSTANTS: dict[int, bool | None] = {0xC0: None, 0xC2: False, 0xC3: True}
_DEEPEST = 32


class MsgpackError(ValueError):
    """The bytes are not one complete MessagePack value."""


def decode(data: bytes) -> Any:
    """Return the one value that `data` holds; raise MsgpackError when it holds anything else."""
    reader = _Reader(data)
    try:
        value = reader.value(0)
    except (struct.error, UnicodeDecodeError) as error:
        raise MsgpackError(f"msgpack: {error}") from error
    if reader.position != len(data):
        raise MsgpackError(f"msgpack: {len(data) - reader.position} bytes after the value")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, count: int) -> bytes:
        end = self.position + count
        if end > len(self.data):
            raise MsgpackError(f"msgpack: {end} bytes expected, found {len(self.data)}")
        piece = self.data[self.position : end]
        self.position = end
        return piece

    def number(self, layout: str) -> Any:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]

    def value(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise MsgpackError(f"msgpack: nested deeper than {_DEEPEST}")
        kind = self.take(1)[0]
        if kind <= 0x7F:
            return kind
        if kind >= 0xE0:
            return kind - 0x100
        if kind <= 0xBF:
            return self.short(kind, depth)
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind in _FIXED_WIDTHS:
            return self.number(_FIXED_WIDTHS[kind])
        if 0xD4 <= kind <= 0xD8:
            self.take(1 + (1 << (kind - 0xD4)))
            return None
        if kind not in _LENGTHS:
            raise MsgpackError(f"msgpack: unknown type 0x{kind:02x}")
        layout, shape = _LENGTHS[kind]
        return self.sized(shape, self.number(layout), depth)

    def key(self) -> str:
        key = self.value(_DEEPEST)
        if not isinstance(key, str):
            raise MsgpackError(f"msgpack: expected a string as key, found {type(key).__name__}")
        return key

    def short(self, kind: int, depth: int) -> Any:
        if kind <= 0x8F:
            return self.sized("map", kind & 0x0F, depth)
        if kind <= 0x9F:
            return self.sized("array", kind & 0x0F, depth)
        return self.sized("str", kind & 0x1F, depth)

    def sized(self, shape: str, length: int, depth: int) -> Any:
        if shape == "bin":
            return self.take(length)
        if shape == "str":
            return self.take(length).decode()
        if shape == "array":
            return [self.value(depth + 1) for _unused in range(length)]
        if shape == "map":
            return {self.key(): self.value(depth + 1) for _unused in range(length)}
        self.take(length + 1)
        return None


def encode(value: Any) -> bytes:
    """Return `value` in MessagePack; raise MsgpackError for a type that the format does not have."""
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return _encode_integer(value)
    if isinstance(value, float):
        return struct.pack(">Bd", 0xCB, value)
    if isinstance(value, str):
        text = value.encode()
        return _head(len(text), 0xA0, 31, (0xD9, 0xDA, 0xDB)) + text
    if isinstance(value, bytes):
        return _head(len(value), 0, -1, (0xC4, 0xC5, 0xC6)) + value
    if isinstance(value, (list, tuple)):
        return _head(len(value), 0x90, 15, (None, 0xDC, 0xDD)) + b"".join(map(encode, value))
    if isinstance(value, dict):
        pairs = b"".join(encode(key) + encode(item) for key, item in value.items())
        return _head(len(value), 0x80, 15, (None, 0xDE, 0xDF)) + pairs
    raise MsgpackError(f"msgpack: no encoding for {type(value).__name__}")


def _encode_integer(value: int) -> bytes:
    if 0 <= value <= 0x7F:
        return bytes((value,))
    if -0x20 <= value < 0:
        return struct.pack(">b", value)
    if 0 <= value < 1 << 64:
        return struct.pack(">BQ", 0xCF, value)
    if -(1 << 63) <= value < 0:
        return struct.pack(">Bq", 0xD3, value)
    raise MsgpackError(f"msgpack: {value} does not fit 64 bits")


def _head(length: int, short: int, short_limit: int, kinds: tuple[int | None, int, int]) -> bytes:
    if length <= short_limit:
        return bytes((short | length,))
    one, two, four = kinds
    if one is not None and length <= 0xFF:
        return struct.pack(">BB", one, length)
    if length <= 0xFFFF:
        return struct.pack(">BH", two, length)
    return struct.pack(">BI", four, length)
