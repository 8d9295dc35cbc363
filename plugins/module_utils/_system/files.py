"""Files, folders and links, and their replacement: whole or not at all, and on the disk when it returns."""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from collections.abc import Mapping
from dataclasses import replace

from .._engine.errors import Kept, SandboxError
from .._formats.resource_facts import FileFacts
from .commands import encode
from .outside import Outside, OutsideError, explained

LARGEST = 8 * 1024 * 1024
_MISSING = (errno.ENOENT, errno.ENOTDIR)
_NO_XATTRS = (errno.ENOTSUP, errno.EOPNOTSUPP)
_XATTRS = ("user.", "security.capability", "system.posix_acl_")
_DEFAULT_MODES: Mapping[str, int] = {"file": 0o644, "folder": 0o755}


def read_path(outside: Outside, path: str) -> FileFacts | None:
    """None where there is nothing.

    Raises SandboxError on a file larger than `LARGEST`: nothing of ours is, and a before-image must fit the ledger.
    """
    found = lstat(outside, path)
    if found is None:
        return None
    facts = FileFacts(uid=found.st_uid, gid=found.st_gid)
    if stat.S_ISLNK(found.st_mode):
        with explained("read the link", path):
            target = os.readlink(outside.path(path))
        return replace(facts, type="link", target=target, mtime_ns=found.st_mtime_ns)
    facts = replace(facts, mode=stat.S_IMODE(found.st_mode), xattrs=_read_xattrs(outside, path))
    if stat.S_ISDIR(found.st_mode):
        return replace(facts, type="folder")
    if not stat.S_ISREG(found.st_mode):
        return replace(facts, type="other")
    if found.st_size > LARGEST:
        raise SandboxError(f"{path}: has {found.st_size} bytes, at most {LARGEST} can be remembered", "move it away")
    content = (read_bytes(outside, path) or b"").decode("utf-8", "surrogateescape")
    return replace(facts, type="file", content=content, mtime_ns=found.st_mtime_ns)


def lstat(outside: Outside, path: str) -> os.stat_result | None:
    """None when there is no such path."""
    with explained("look at", path):
        try:
            return os.lstat(outside.path(path))
        except OSError as error:
            if error.errno in _MISSING:
                return None
            raise


def read_bytes(outside: Outside, path: str) -> bytes | None:
    """The content of a file, None when there is no such path. A symbolic link in its place is an error."""
    with explained("read", path):
        try:
            # NONBLOCK: a named pipe planted here must not make us wait for its writer.
            descriptor = os.open(outside.path(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            if error.errno in _MISSING:
                return None
            raise
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise SandboxError(f"{path}: is not an ordinary file", "remove what stands there")
            return file.read()


def temporary_path(path: str) -> str:
    """Where the next version of `path` is prepared. Always the same, so that a later run finds a killed one's."""
    folder, name = posixpath.split(path)
    return posixpath.join(folder, f".{name}.ably-sandbox-new")


def put(outside: Outside, path: str, facts: FileFacts) -> None:
    """Make `path` what `facts` say. A file or link appears whole, in one rename, over whatever file was there."""
    if facts.type == "folder" and lstat(outside, path) is not None:
        _set_owner_and_mode(outside, path, facts)
        outside.sync_folder(path)
        return
    fresh = temporary_path(path)
    clear(outside, fresh)
    try:
        _prepare(outside, fresh, facts)
        outside.rename(fresh, path)
    except SandboxError:
        clear(outside, fresh)
        raise
    outside.sync_folder(posixpath.dirname(path))


def put_content(outside: Outside, path: str, content: bytes) -> None:
    """New content for a file that we share with others: owner, mode and attributes stay, a new file is root's 0644."""
    facts = read_path(outside, path) or FileFacts(type="file")
    if facts.type != "file":
        raise SandboxError(f"{path}: is a {facts.type}, expected a file", "remove what stands there")
    put(outside, path, replace(facts, content=content.decode("utf-8", "surrogateescape"), mtime_ns=None))


def remove(outside: Outside, path: str) -> None:
    """Remove a file, a link or an empty folder. Raises Kept when somebody's things are in the folder."""
    found = lstat(outside, path)
    if found is None:
        return
    if not stat.S_ISDIR(found.st_mode):
        outside.unlink(path)
    else:
        try:
            outside.remove_folder(path)
        except OutsideError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            raise Kept(f"{path}: others' files are in it") from error
    outside.sync_folder(posixpath.dirname(path))


def clear(outside: Outside, path: str) -> None:
    """Remove what a killed run left at a temporary path of ours."""
    found = lstat(outside, path)
    if found is None:
        return
    if stat.S_ISDIR(found.st_mode):
        outside.remove_folder(path)
    else:
        outside.unlink(path)


def _prepare(outside: Outside, path: str, facts: FileFacts) -> None:
    if facts.type == "link":
        outside.symlink(facts.target or "", path)
        outside.chown(path, facts.uid or 0, facts.gid or 0)
        if facts.mtime_ns is not None:
            outside.set_mtime(path, facts.mtime_ns)
    elif facts.type == "folder":
        outside.make_folder(path)
        _set_owner_and_mode(outside, path, facts)
        outside.sync_folder(path)
    else:
        _prepare_file(outside, path, facts)


def _prepare_file(outside: Outside, path: str, facts: FileFacts) -> None:
    descriptor = outside.create(path)
    try:
        outside.write(descriptor, encode(facts.content or ""), path)
        _set_owner_and_mode(outside, path, facts)
        if facts.mtime_ns is not None:
            outside.set_mtime(path, facts.mtime_ns)
        outside.sync(descriptor, path)
    finally:
        os.close(descriptor)


def _set_owner_and_mode(outside: Outside, path: str, facts: FileFacts) -> None:
    """In this order: changing the owner drops capabilities, and an access list brings mode bits with it."""
    outside.chown(path, facts.uid or 0, facts.gid or 0)
    if facts.xattrs is not None:
        there = _read_xattrs(outside, path)
        for name in sorted(set(there) - set(facts.xattrs)):
            outside.remove_xattr(path, name)
        for name, value in sorted(facts.xattrs.items()):
            if there.get(name) != value:
                outside.set_xattr(path, name, bytes.fromhex(value))
    outside.chmod(path, _DEFAULT_MODES[facts.type or "file"] if facts.mode is None else facts.mode)


def _read_xattrs(outside: Outside, path: str) -> dict[str, str]:
    real = outside.path(path)
    with explained("read the attributes of", path):
        try:
            names = [name for name in os.listxattr(real, follow_symlinks=False) if name.startswith(_XATTRS)]
        except OSError as error:
            if error.errno in _NO_XATTRS:
                return {}
            raise
        return {name: os.getxattr(real, name, follow_symlinks=False).hex() for name in sorted(names)}
