"""Docker's framing: whatever way the stream is cut, the same bytes come out."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ably.sandbox.plugins.module_utils._formats.docker_frames import FrameReader

FRAMES = st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=40)), max_size=8)


@given(FRAMES, st.lists(st.integers(1, 20), max_size=30))
def test_cuts_do_not_matter(frames: list[tuple[int, bytes]], cuts: list[int]) -> None:
    stream = b"".join(struct.pack(">BxxxL", number, len(data)) + data for number, data in frames)
    reader = FrameReader()
    pieces: list[tuple[int, bytes]] = []
    for cut in cuts:
        pieces += reader.feed(stream[:cut])
        stream = stream[cut:]
    pieces += reader.feed(stream)
    for wanted in (1, 2):
        given_ = b"".join(data for number, data in frames if number == wanted)
        assert b"".join(data for number, data in pieces if number == wanted) == given_
