"""The ledger on disk, and the lock that keeps two runs apart."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import posixpath
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .._controls.registry import LEDGER_NAMES
from .._engine.errors import LedgerError
from .._engine.records import Record, parse_lines, render_header, render_line
from .._formats.resource_facts import FileFacts
from .files import clear, lstat, put, read_bytes, temporary_path
from .outside import Outside, OutsideError, explained

FOLDER = "/var/lib/ably-sandbox"
LEDGER = f"{FOLDER}/ledger"
LOCK = "/run/ably-sandbox.lock"
# Two runs that only look pass one another; a run that works takes minutes.
_PATIENCE = 5.0
_POLL = 0.1


class LedgerStore:
    """The engine's `Store`: a root-only folder with one file of checked lines; the first one is the header."""

    def __init__(self, outside: Outside | None = None, patience: float = _PATIENCE) -> None:
        self._outside = outside or Outside()
        self._patience = patience
        # How many bytes of the file are whole lines, once it was read. Past them is the torn end of a killed write.
        self._whole: int | None = None

    @contextmanager
    def lock(self, purpose: str) -> Iterator[None]:
        """The file stays: whoever removed it would take another's lock away. It is in /run, and goes with a reboot."""
        descriptor = self._outside.open(LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._wait(descriptor)
            holder = {"pid": os.getpid(), "purpose": purpose, "since": time.strftime("%Y-%m-%d %H:%M:%S")}
            self._outside.truncate(descriptor, 0, LOCK)
            self._outside.write(descriptor, json.dumps(holder).encode(), LOCK)
            yield
        finally:
            os.close(descriptor)

    def read(self) -> tuple[Record, ...]:
        self._whole = None
        content = read_bytes(self._outside, LEDGER)
        if content is None:
            self._whole = 0
            return ()
        # Bytes that are not ASCII are damage, which each line's checksum finds.
        text = content.decode("latin-1")
        records = parse_lines(text, LEDGER_NAMES)
        if not text:
            raise LedgerError(f"{LEDGER}: is damaged: it is empty", "restore it from a backup")
        self._whole = sum(map(len, text.splitlines(keepends=True)[: len(records) + 1]))
        return records

    def append(self, records: Sequence[Record]) -> None:
        """One write and one fsync. A ledger that is not there yet comes into being whole, by a rename."""
        if self._whole is None:
            self.read()
        if not self._whole:
            self.replace(records)
            return
        data = _render_lines(records).encode("ascii")
        descriptor = self._outside.open(LEDGER, os.O_WRONLY)
        try:
            with explained("find the end of", LEDGER):
                if os.lseek(descriptor, 0, os.SEEK_END) != self._whole:
                    self._outside.truncate(descriptor, self._whole, LEDGER)
                    os.lseek(descriptor, self._whole, os.SEEK_SET)
            self._outside.write(descriptor, data, LEDGER)
            self._outside.sync(descriptor, LEDGER)
        finally:
            os.close(descriptor)
        self._whole += len(data)

    def replace(self, records: Sequence[Record]) -> None:
        if not records:
            self._remove()
            return
        lines = render_header() + _render_lines(records)
        is_first = lstat(self._outside, FOLDER) is None
        if is_first:
            put(self._outside, FOLDER, FileFacts(type="folder", mode=0o700))
        try:
            put(self._outside, LEDGER, FileFacts(type="file", mode=0o600, content=lines))
        except OutsideError:
            if is_first:
                self._remove()
            raise
        self._whole = len(lines)

    def _remove(self) -> None:
        """The folder goes too, unless somebody keeps something in it."""
        self._whole = 0
        for leftover in (temporary_path(FOLDER), temporary_path(LEDGER), LEDGER):
            clear(self._outside, leftover)
        if lstat(self._outside, FOLDER) is None:
            return
        try:
            self._outside.remove_folder(FOLDER)
        except OutsideError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        self._outside.sync_folder(posixpath.dirname(FOLDER))

    def _wait(self, descriptor: int) -> None:
        deadline = time.monotonic() + self._patience
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                raise LedgerError(f"another run holds this host: {_describe_holder(descriptor)}", "wait for its end")
            time.sleep(_POLL)


def _render_lines(records: Sequence[Record]) -> str:
    return "".join(render_line(record, LEDGER_NAMES) for record in records)


def _try_lock(descriptor: int) -> bool:
    with explained("lock", LOCK):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _describe_holder(descriptor: int) -> str:
    content = os.pread(descriptor, 4096, 0)
    try:
        holder = json.loads(content)
        return f"{holder['purpose']}, pid {holder['pid']}, since {holder['since']}"
    except (ValueError, KeyError, TypeError):
        # It has the lock and has not said yet what for.
        return "it has only just begun"
