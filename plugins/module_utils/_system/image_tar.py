"""Writes and reads image archives: tar files whose bytes depend on nothing but what is put into them."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .._controls.image.tree import Entry
from .._formats.image_archive import ArchivedImage, ArchiveError, Layer, parse_members

# No description of an image comes near this; layers do not have to be read.
_LARGEST_MEMBER = 4 << 20
_GZIP = b"\x1f\x8b"
_KINDS = {"file": tarfile.REGTYPE, "folder": tarfile.DIRTYPE, "link": tarfile.SYMTYPE}

OpenSource = Callable[[str], IO[bytes]]


class _Digesting(io.RawIOBase):
    """A file that is written and digested at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # tarfile only hands bytes over
        self._hash.update(data)
        self.size += len(data)
        return self._file.write(data)

    @property
    def digest(self) -> str:
        return "sha256:" + self._hash.hexdigest()


def unpacked_size(path: str) -> int:
    """Bytes of an archive without gzip. Source: RFC 1952, whose last four bytes are the size, modulo 4 GiB."""
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        if file.read(2) != _GZIP:
            return size
        file.seek(-4, os.SEEK_END)
        return max(size, int.from_bytes(file.read(4), "little"))


def write_layer(path: Path, entries: Iterable[Entry], epoch: int, open_source: OpenSource) -> Layer:
    """Write `entries` in the order given, all of them root's and as old as `epoch`."""
    with path.open("wb") as file:
        digesting = _Digesting(file)
        with tarfile.open(fileobj=digesting, mode="w|", format=tarfile.PAX_FORMAT) as layer:
            for entry in entries:
                _add(layer, entry, epoch, open_source)
    return Layer(digesting.digest, digesting.size)


def _add(layer: tarfile.TarFile, entry: Entry, epoch: int, open_source: OpenSource) -> None:
    if entry.kind != "file":
        layer.addfile(_header(entry.path, _KINDS[entry.kind], entry.mode, 0, epoch, entry.target))
        return
    with io.BytesIO(entry.content) if entry.content is not None else open_source(entry.source or "") as content:
        size = content.seek(0, os.SEEK_END)
        content.seek(0)
        layer.addfile(_header(entry.path, tarfile.REGTYPE, entry.mode, size, epoch), content)


def _header(path: str, kind: bytes, mode: int, size: int, epoch: int, target: str = "") -> tarfile.TarInfo:
    header = tarfile.TarInfo(path)
    header.type, header.mode, header.size, header.mtime, header.linkname = kind, mode, size, epoch, target
    return header


def write_archive(path: Path, members: Mapping[str, bytes], layer: tuple[str, Path], epoch: int, packed: bool) -> None:
    """Write an archive with `members` and the layer (its path in the archive, its file), whole or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with _output(unfinished, packed) as file, tarfile.open(fileobj=file, mode="w|") as archive:
            for name in sorted({*members, layer[0]}):
                content: IO[bytes] = io.BytesIO(members[name]) if name in members else layer[1].open("rb")
                with content:
                    size = content.seek(0, os.SEEK_END)
                    content.seek(0)
                    archive.addfile(_header(name, tarfile.REGTYPE, 0o644, size, epoch), content)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _output(path: Path, packed: bool) -> Iterator[IO[bytes]]:
    with path.open("wb") as file:
        if not packed:
            yield file
        else:
            with gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packing:
                yield packing  # type: ignore[misc]  # a GzipFile is what tarfile wants, typeshed has no name for it
        file.flush()
        os.fsync(file.fileno())


def read_image(path: Path) -> ArchivedImage:
    """The one image in the archive at `path`, packed or not. Raises ArchiveError, or OSError when it is not there."""
    members: dict[str, bytes] = {}
    try:
        with tarfile.open(path, "r|*") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isreg() and member.size <= _LARGEST_MEMBER else None
                if content is not None:
                    members[os.path.normpath(member.name)] = content.read()
    except (tarfile.TarError, EOFError, gzip.BadGzipFile) as error:
        raise ArchiveError(f"{path}: no tar archive, or cut off: {error}", "make it with `docker save`") from error
    return parse_members(members)
