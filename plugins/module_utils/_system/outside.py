"""The one door through which everything goes that changes the world: files, and commands that change something.

Each call says what it is about to do (`step`); the crash tests kill the process there.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from .._engine.errors import SandboxError
from .commands import Result, run_command

_HINTS = {
    errno.ENOSPC: "make room on that file system, then run again",
    errno.EDQUOT: "raise the quota, then run again",
    errno.EROFS: "the file system is mounted read-only",
    errno.EACCES: "this has to run as root",
    errno.EPERM: "this has to run as root, and the file must not be immutable (lsattr)",
    errno.ELOOP: "a symbolic link stands where there should be none",
    errno.ENOENT: "a folder on the way to it is missing",
    errno.EXDEV: "it is a mount point of its own; mount the folder that holds it instead",
    errno.EBUSY: "it is a mount point of its own; mount the folder that holds it instead",
}


class OutsideError(SandboxError):
    """A system call failed on a path. `errno` tells which way."""

    def __init__(self, doing: str, path: str, error: OSError) -> None:
        super().__init__(f"{path}: cannot {doing}: {error.strerror}", _HINTS.get(error.errno or 0))
        self.errno = error.errno


class Outside:
    """Changes files and runs commands on the host that lives under `root`. Paths are absolute, as that host sees them.

    Raises OutsideError with the path, what could not be done, why, and what to do about it.
    """

    def __init__(self, root: str = "/") -> None:
        self.root = root

    def path(self, path: str) -> str:
        """Where the host's `path` really is."""
        return path if self.root == "/" else self.root.rstrip("/") + path

    def step(self, doing: str, thing: str) -> None:
        """Called before each thing that is done to the world, and while a command runs."""

    def run(
        self,
        command: Sequence[str],
        *,
        accept: Sequence[int] = (0,),
        timeout: float = 60.0,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
    ) -> Result:
        """Run a command that changes something. See `run_command`."""
        name = " ".join(command)

        def started() -> None:
            self.step("running", name)

        self.step("run", name)
        return run_command(
            command, accept=accept, timeout=timeout, stdin=stdin, environment=environment, started=started
        )

    def open(self, path: str, flags: int, mode: int = 0o600) -> int:
        """A descriptor for writing. Never through a symbolic link, never handed on to a command."""
        with self._around("open", path):
            return os.open(self.path(path), flags | os.O_NOFOLLOW | os.O_CLOEXEC, mode)

    def create(self, path: str) -> int:
        """A descriptor of a new file, readable by root alone until told otherwise."""
        return self.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)

    def write(self, descriptor: int, data: bytes, path: str) -> None:
        with self._around("write", path):
            rest = memoryview(data)
            while rest:
                rest = rest[self.write_some(descriptor, rest) :]

    def write_some(self, descriptor: int, data: memoryview) -> int:
        return os.write(descriptor, data)

    def truncate(self, descriptor: int, size: int, path: str) -> None:
        with self._around("truncate", path):
            os.ftruncate(descriptor, size)

    def sync(self, descriptor: int, path: str) -> None:
        with self._around("sync", path):
            os.fsync(descriptor)

    def sync_folder(self, path: str) -> None:
        """What was created, renamed or removed in this folder is on the disk when this returns."""
        with self._around("sync", path):
            descriptor = os.open(self.path(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def sync_all(self, what: str) -> None:
        """What others have written for us is on the disk when this returns."""
        self.step("sync", what)
        os.sync()

    def rename(self, path: str, to: str) -> None:
        with self._around("rename to", to):
            os.rename(self.path(path), self.path(to))

    def unlink(self, path: str) -> None:
        with self._around("remove", path):
            os.unlink(self.path(path))

    def make_folder(self, path: str) -> None:
        """A new folder for root alone."""
        with self._around("make the folder", path):
            os.mkdir(self.path(path), 0o700)

    def remove_folder(self, path: str) -> None:
        with self._around("remove the folder", path):
            os.rmdir(self.path(path))

    def symlink(self, target: str, path: str) -> None:
        with self._around("make the link", path):
            os.symlink(target, self.path(path))

    def chmod(self, path: str, mode: int) -> None:
        with self._around("set the mode of", path):
            os.chmod(self.path(path), mode)

    def chown(self, path: str, uid: int, gid: int) -> None:
        with self._around("set the owner of", path):
            os.chown(self.path(path), uid, gid, follow_symlinks=False)

    def set_mtime(self, path: str, mtime_ns: int) -> None:
        with self._around("set the time of", path):
            read_at = os.lstat(self.path(path)).st_atime_ns
            os.utime(self.path(path), ns=(read_at, mtime_ns), follow_symlinks=False)

    def set_xattr(self, path: str, name: str, value: bytes) -> None:
        with self._around(f"set {name} of", path):
            os.setxattr(self.path(path), name, value, follow_symlinks=False)

    def remove_xattr(self, path: str, name: str) -> None:
        with self._around(f"remove {name} of", path):
            os.removexattr(self.path(path), name, follow_symlinks=False)

    @contextmanager
    def _around(self, doing: str, path: str) -> Iterator[None]:
        self.step(doing, path)
        with explained(doing, path):
            yield


@contextmanager
def explained(doing: str, path: str) -> Iterator[None]:
    """Turns an OSError into an OutsideError that names the path."""
    try:
        yield
    except OSError as error:
        raise OutsideError(doing, path, error) from error
