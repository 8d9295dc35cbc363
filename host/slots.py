"""Which of the places for sessions are taken: one locked file per place, so that the kernel frees it after a crash."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Slot:
    """A place that is ours for as long as `descriptor` is open. Its file is named after the uid, whatever the number:
    where the first uid was changed while sessions ran, no two of them have the same.
    """

    number: int
    descriptor: int

    def close(self) -> None:
        """Gives the place to the next session."""
        os.close(self.descriptor)


def free_slots(folder: Path, uids: Iterable[int]) -> Iterator[Slot]:
    """The places that are free, one for each uid, locked as they are handed out. Whoever takes one closes it.

    The files stay: removing a locked file would let two sessions hold two files of one name.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number, uid in enumerate(uids):
        descriptor = os.open(folder / str(uid), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
        else:
            yield Slot(number, descriptor)
