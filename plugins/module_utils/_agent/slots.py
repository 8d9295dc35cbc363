"""Which of the places for sessions are taken: one locked file per place, so that the kernel frees it after a crash."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Slot:
    """A place that is ours for as long as its descriptors are open: one for its uid, whatever its number, and one for
    its number, from which the session's wire follows. Neither is shared where the first uid changes meanwhile.
    """

    number: int
    descriptors: tuple[int, ...]

    def close(self) -> None:
        """Gives the place to the next session."""
        for descriptor in self.descriptors:
            os.close(descriptor)


def free_slots(folder: Path, uids: Iterable[int]) -> Iterator[Slot]:
    """The places that are free, one for each uid, locked as they are handed out. Whoever takes one closes it.

    The files stay: removing a locked file would let two sessions hold two files of one name.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number, uid in enumerate(uids):
        by_uid = _lock(folder / str(uid))
        if by_uid is None:
            continue
        by_number = _lock(folder / f"number-{number}")
        if by_number is None:
            os.close(by_uid)
            continue
        yield Slot(number, (by_uid, by_number))


def _lock(file: Path) -> int | None:
    """A descriptor that holds the lock; None when somebody else does."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
