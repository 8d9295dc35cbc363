"""The locks of dpkg and apt: who holds one of them, and waiting until nobody does."""

from __future__ import annotations

import fcntl
import os
import struct
import time

from .._engine.errors import SandboxError
from .._formats.dpkg import LockHolder
from .._formats.processes import name_process
from .outside import Outside, OutsideError
from .reading import Reader

# Those that apt and dpkg themselves stop at.
LOCKS = (
    "/var/lib/dpkg/lock-frontend",
    "/var/lib/dpkg/lock",
    "/var/lib/apt/lists/lock",
    "/var/cache/apt/archives/lock",
)
# Where no variable reaches, on the way back. A test holds it to the default of sandbox_packages_lock_wait.
PATIENCE = 600
_POLL = 0.5
# A refused apt is not started more often than this.
_RETRY = 2.0
# struct flock: type, whence, start, length, process.
_FLOCK = "hhqqi"


class PackagesBusyError(SandboxError):
    """Somebody else is at work on packages, and has been for as long as we wait. `holder`: None where it is unknown."""

    def __init__(self, holder: LockHolder | None, patience: int) -> None:
        held = f"{holder} holds {holder.path}" if holder else "another process holds a lock of dpkg's or apt's"
        super().__init__(f"packages: {held}, waited {patience} s for it", "let it finish, then run again")
        self.holder = holder


class StillBusyError(PackagesBusyError):
    """The same, with patience left and nothing changed yet: whoever has called can say so, and call again."""


class PackageLocks:
    """`patience`: how many seconds are waited, all waits of a run together. `said`: those that an error speaks of.

    `pause_after`: how many of them at a stretch while nothing is changed yet; None is all.
    """

    def __init__(
        self, outside: Outside, patience: float = PATIENCE, said: int = PATIENCE, pause_after: float | None = None
    ) -> None:
        self._outside = outside
        self._reader = Reader(outside)
        self._left = patience
        self._said = said
        self._pause_after = pause_after

    def find_holder(self) -> LockHolder | None:
        """None when nobody holds one of the locks. The kernel is asked, so this is true on every file system."""
        return next((holder for path in LOCKS if (holder := self._holder_of(path))), None)

    def wait(self, *, may_pause: bool = False) -> None:
        """Return when nobody holds one. Raises PackagesBusyError when somebody still does at the end of the patience.

        `may_pause`: nothing was changed yet.
        """
        pause = self._pause_after if may_pause and self._pause_after is not None else self._left
        since = time.monotonic()
        while (holder := self.find_holder()) is not None:
            waited = time.monotonic() - since
            if waited >= self._left:
                raise PackagesBusyError(holder, self._said)
            if waited >= pause:
                raise StillBusyError(holder, self._said)
            time.sleep(_POLL)
        self._left -= time.monotonic() - since

    def wait_after_refusal(self) -> None:
        """Apt was refused a lock, which is free again by now, or lies where this host's apt was told to have it."""
        if self._left <= 0:
            raise PackagesBusyError(self.find_holder(), self._said)
        time.sleep(_RETRY)
        self._left -= _RETRY
        self.wait()

    def _holder_of(self, path: str) -> LockHolder | None:
        try:
            descriptor = os.open(self._outside.path(path), os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return None  # a fresh host has none yet; and who may not read them is told that it takes root
        except OSError as error:
            raise OutsideError("read", path, error) from error
        try:
            asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            kind, *_rest, process = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
        except OSError as error:
            raise OutsideError("ask for the lock of", path, error) from error
        finally:
            os.close(descriptor)
        return None if kind == fcntl.F_UNLCK else self._describe(path, process)

    def _describe(self, path: str, process: int) -> LockHolder:
        """The kernel names no process for a lock of an open file: then it is one that has the file open."""
        found = process if process > 0 else self._find_user(path)
        folder = f"/proc/{found}"
        name = name_process(self._reader.text(f"{folder}/cmdline"), self._reader.text(f"{folder}/comm"))
        return LockHolder(path, found, name)

    def _find_user(self, path: str) -> int:
        link = os.path.realpath(self._outside.path(path))
        processes = (name for name in self._reader.names("/proc") if name.isdigit())
        return next((int(process) for process in processes if self._reader.has_open(process, link)), 0)
