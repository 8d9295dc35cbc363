"""Reads what may not be there: files, folders and links of a host, and of processes that end meanwhile."""

from __future__ import annotations

import errno
import os

from .outside import Outside, OutsideError

_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM)
# A process that ends while it is looked at; the last one: its network namespace is gone already.
_ENDED = (errno.ESRCH, errno.EINVAL, errno.ENXIO)


class Reader:
    """The host under the outside's root. Raises OutsideError where a reading fails otherwise."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def text(self, path: str) -> str:
        """A file's text, what is no UTF-8 in it escaped; empty where there is none."""
        try:
            with open(self._outside.path(path), encoding="utf-8", errors="backslashreplace") as file:
                return file.read()
        except OSError as error:
            _raise_unless_gone(path, error)
            return ""

    def content(self, path: str) -> bytes:
        """A file's bytes; none where there is no file."""
        try:
            with open(self._outside.path(path), "rb") as file:
                return file.read()
        except OSError as error:
            _raise_unless_gone(path, error)
            return b""

    def names(self, path: str) -> list[str]:
        """The names in a folder, sorted; none where it is not."""
        try:
            return sorted(os.listdir(self._outside.path(path)))
        except OSError as error:
            _raise_unless_gone(path, error)
            return []

    def link(self, path: str) -> str:
        """Where a link leads; empty where there is none."""
        try:
            return os.readlink(self._outside.path(path))
        except OSError as error:
            _raise_unless_gone(path, error)
            return ""

    def has_open(self, process: str, link: str) -> bool:
        """Whether one of a process's descriptors leads there."""
        folder = f"/proc/{process}/fd"
        return any(self.link(f"{folder}/{name}") == link for name in self.names(folder))

    def exists(self, path: str) -> bool:
        return os.path.exists(self._outside.path(path))


def _raise_unless_gone(path: str, error: OSError) -> None:
    """Returns when what was to be read is not there (any more)."""
    if error.errno not in (*_NOT_THERE, *_ENDED):
        raise OutsideError("read", path, error) from error
