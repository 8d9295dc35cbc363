"""One process at a time, and whoever waits says for whom."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .console import say
from .settings import REPOSITORY


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold the lock file, whose folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            say(f"waiting for {stream.read().strip() or 'another process'}, which holds {path}")
            fcntl.flock(stream, fcntl.LOCK_EX)
        stream.truncate(0)
        stream.write(f"process {os.getpid()} of {REPOSITORY}\n")
        stream.flush()
        yield
