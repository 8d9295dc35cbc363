"""Which of the places for sessions are taken: one locked file per place, so that the kernel frees it after a crash."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Slot:
    """A place that is ours for as long as `descriptor` is open."""

    number: int
    descriptor: int

    def close(self) -> None:
        """Gives the place to the next session."""
        os.close(self.descriptor)


def claim_slot(folder: Path, count: int) -> Slot | None:
    """The first free place of `count`, None when all are taken.

    The files stay: removing a locked file would let two sessions hold two files of one name.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(count):
        descriptor = os.open(folder / str(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
        else:
            return Slot(number, descriptor)
    return None
