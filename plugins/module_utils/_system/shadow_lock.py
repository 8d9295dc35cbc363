"""The lock under which the account tables are changed: the same one as useradd, passwd and systemd-sysusers take."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .._engine.errors import SandboxError
from .outside import Outside, explained

_LOCK = "/etc/.pwd.lock"
# As long as lckpwdf(3) waits.
_PATIENCE = 15.0
_POLL = 0.1
_HELD = (errno.EACCES, errno.EAGAIN)


@contextmanager
def shadow_lock(outside: Outside, patience: float = _PATIENCE) -> Iterator[None]:
    """Held while inside. Raises SandboxError when somebody else has it for longer than `patience`."""
    descriptor = outside.open(_LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + patience
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                raise SandboxError(
                    f"{_LOCK}: held for {patience:g} s by a program that changes accounts", "try again later"
                )
            time.sleep(_POLL)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    with explained("lock", _LOCK):
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD:
                return False
            raise
    return True
