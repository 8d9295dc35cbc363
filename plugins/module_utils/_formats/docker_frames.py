"""Docker's framing of an exec's output without a terminal: eight bytes of head, then that much of one stream.

Source: Docker Engine API, ContainerAttach, "Stream format": [stream, 0, 0, 0, size as four bytes big endian].
"""

from __future__ import annotations

import struct

STDOUT = 1
STDERR = 2
_HEAD = struct.Struct(">BxxxL")


class FrameReader:
    """Takes the stream in whatever pieces it arrives and gives the payload of each output, unbuffered."""

    def __init__(self) -> None:
        self._head = b""
        self._stream = STDOUT
        self._left = 0

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The (stream, bytes) pieces in `data`, in order; a frame cut in two gives two pieces."""
        pieces: list[tuple[int, bytes]] = []
        while data:
            if self._left:
                piece, data = data[: self._left], data[self._left :]
                self._left -= len(piece)
                pieces.append((self._stream, piece))
                continue
            wanted = _HEAD.size - len(self._head)
            self._head, data = self._head + data[:wanted], data[wanted:]
            if len(self._head) == _HEAD.size:
                self._stream, self._left = _HEAD.unpack(self._head)
                self._head = b""
        return pieces
