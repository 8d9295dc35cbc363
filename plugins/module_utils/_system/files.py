"""Files, folders and links as states, and their replacement: whole or not at all, and on the disk when it returns."""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from collections.abc import Mapping
from typing import Any

from .._engine.errors import Kept, SandboxError
from .._engine.states import ABSENT, State
from .commands import encode
from .outside import Outside, OutsideError, explained

LARGEST = 8 * 1024 * 1024
_MISSING = (errno.ENOENT, errno.ENOTDIR)
_NO_XATTRS = (errno.ENOTSUP, errno.EOPNOTSUPP)
_XATTRS = ("user.", "security.capability", "system.posix_acl_")
_DEFAULT_MODES = {"file": 0o644, "folder": 0o755}


def observe_path(outside: Outside, path: str) -> State:
    """Facts: type (file, folder, link, other), mode, uid, gid, and where they exist content, target, mtime_ns, xattrs.

    Raises SandboxError on a file larger than `LARGEST`: nothing of ours is, and a before-image must fit the ledger.
    """
    found = lstat(outside, path)
    if found is None:
        return ABSENT
    facts: dict[str, Any] = {"uid": found.st_uid, "gid": found.st_gid}
    if stat.S_ISLNK(found.st_mode):
        with explained("read the link", path):
            facts.update(type="link", target=os.readlink(outside.path(path)), mtime_ns=found.st_mtime_ns)
        return State(facts)
    facts.update(mode=stat.S_IMODE(found.st_mode), xattrs=_read_xattrs(outside, path))
    if stat.S_ISDIR(found.st_mode):
        return State({**facts, "type": "folder"})
    if not stat.S_ISREG(found.st_mode):
        return State({**facts, "type": "other"})
    if found.st_size > LARGEST:
        raise SandboxError(f"{path}: has {found.st_size} bytes, at most {LARGEST} can be remembered", "move it away")
    content = (read_bytes(outside, path) or b"").decode("utf-8", "surrogateescape")
    return State({**facts, "type": "file", "content": content, "mtime_ns": found.st_mtime_ns})


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


def put(outside: Outside, path: str, facts: Mapping[str, Any]) -> None:
    """Make `path` what `facts` say. A file or link appears whole, in one rename, over whatever file was there."""
    if facts["type"] == "folder" and lstat(outside, path) is not None:
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
    facts = dict(observe_path(outside, path).facts or {"type": "file"})
    if facts["type"] != "file":
        raise SandboxError(f"{path}: is a {facts['type']}, expected a file", "remove what stands there")
    facts.pop("mtime_ns", None)
    put(outside, path, {**facts, "content": content.decode("utf-8", "surrogateescape")})


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


def _prepare(outside: Outside, path: str, facts: Mapping[str, Any]) -> None:
    if facts["type"] == "link":
        outside.symlink(facts["target"], path)
        outside.chown(path, facts.get("uid", 0), facts.get("gid", 0))
        if "mtime_ns" in facts:
            outside.set_mtime(path, facts["mtime_ns"])
    elif facts["type"] == "folder":
        outside.make_folder(path)
        _set_owner_and_mode(outside, path, facts)
        outside.sync_folder(path)
    else:
        _prepare_file(outside, path, facts)


def _prepare_file(outside: Outside, path: str, facts: Mapping[str, Any]) -> None:
    descriptor = outside.create(path)
    try:
        outside.write(descriptor, encode(facts.get("content", "")), path)
        _set_owner_and_mode(outside, path, facts)
        if "mtime_ns" in facts:
            outside.set_mtime(path, facts["mtime_ns"])
        outside.sync(descriptor, path)
    finally:
        os.close(descriptor)


def _set_owner_and_mode(outside: Outside, path: str, facts: Mapping[str, Any]) -> None:
    """In this order: changing the owner drops capabilities, and an access list brings mode bits with it."""
    outside.chown(path, facts.get("uid", 0), facts.get("gid", 0))
    if "xattrs" in facts:
        there = _read_xattrs(outside, path)
        for name in sorted(set(there) - set(facts["xattrs"])):
            outside.remove_xattr(path, name)
        for name, value in sorted(facts["xattrs"].items()):
            if there.get(name) != value:
                outside.set_xattr(path, name, bytes.fromhex(value))
    outside.chmod(path, facts.get("mode", _DEFAULT_MODES[facts["type"]]))


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
