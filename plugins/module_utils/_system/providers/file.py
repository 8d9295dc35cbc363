"""Files, folders and links that are wholly ours."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Sequence

from ..._engine.errors import RefusedError, SandboxError
from ..._engine.states import State
from ..._engine.steps import Change
from ..commands import run_command
from ..files import LARGEST, clear, encode, lstat, observe_path, put, remove, temporary_path
from ..outside import Outside, explained
from .provider import PlainProvider

# A private place to show a file to its checker before it is put in place. Below /run: gone after a reboot.
CHECK_FOLDER = "/run/ably-sandbox.check"
# What a new file needs besides its content: its block rounding, its folder's growth, the ledger's next records.
_MARGIN = 64 * 1024


class FileProvider(PlainProvider):
    """name: the path. facts: type, mode, uid, gid, content, target; observed only: mtime_ns, xattrs (see `files`)."""

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self._promised_folders: set[str] = set()
        self._promised_bytes = 0

    def observe(self, name: str) -> State:
        return observe_path(self._outside, name)

    def rehearse(self, change: Change) -> None:
        path = change.resource.name
        if change.after.is_absent:
            return
        _refuse_other_type(path, change)
        self._refuse_way(path)
        self._refuse_size(path, change.after)
        if change.check:
            check_content(self._outside, path, encode(change.after.fact("content", "")), change.check)
        if change.after.fact("type") == "folder":
            self._promised_folders.add(path)

    def is_secret(self, change: Change) -> bool:
        modes = [state.fact("mode", stat.S_IROTH) for state in (change.before, change.after)]
        return not all(mode & stat.S_IROTH for mode in modes)

    def swap(self, changes: Sequence[Change]) -> None:
        self._promised_folders.clear()
        self._promised_bytes = 0
        super().swap(changes)

    def swap_one(self, change: Change) -> None:
        """Facts that nobody wished for stay as they were, the time too unless the content changes."""
        if change.after.is_absent:
            remove(self._outside, change.resource.name)
            return
        facts = {**(change.before.facts or {}), **(change.after.facts or {})}
        is_same = all(facts.get(name) == change.before.fact(name) for name in ("type", "content", "target"))
        if not is_same and "mtime_ns" not in (change.after.facts or {}):
            facts.pop("mtime_ns", None)
        put(self._outside, change.resource.name, facts)

    def recover(self, names: Sequence[str]) -> None:
        for name in names:
            clear(self._outside, temporary_path(name))
        clear_check_folder(self._outside)

    def _refuse_way(self, path: str) -> None:
        """Every folder down to the file must be one, and reached by nobody else's symbolic link."""
        way = "/"
        for part in path.strip("/").split("/")[:-1]:
            way = posixpath.join(way, part)
            found = lstat(self._outside, way)
            if found is None and way in self._promised_folders:
                return
            if found is None:
                raise RefusedError(f"{path}: the folder {way} is missing", "wish for the folder first")
            if stat.S_ISLNK(found.st_mode) and found.st_uid != 0:
                raise RefusedError(f"{path}: {way} is a symbolic link of uid {found.st_uid}", "remove the link")
            if not stat.S_ISLNK(found.st_mode) and not stat.S_ISDIR(found.st_mode):
                raise RefusedError(f"{path}: {way} is not a folder", "remove what stands there")
        refuse_read_only(self._outside, path)

    def _refuse_size(self, path: str, after: State) -> None:
        size = len(encode(after.fact("content", "")))
        if size > LARGEST:
            raise RefusedError(f"{path}: {size} bytes are more than {LARGEST}", "ship it as an image or a package")
        self._promised_bytes += size
        folder = _existing_folder(self._outside, path)
        with explained("look at the file system of", folder):
            room = os.statvfs(self._outside.path(folder))
        free = room.f_bavail * room.f_frsize
        if free < self._promised_bytes + _MARGIN:
            wanted = self._promised_bytes + _MARGIN
            raise RefusedError(f"{path}: {free} bytes are free in {folder}, {wanted} needed", "make room")


def refuse_read_only(outside: Outside, path: str) -> None:
    """Raise RefusedError when nothing can be created in the path's folder, though root asks."""
    folder = _existing_folder(outside, path)
    if os.access(outside.path(folder), os.W_OK | os.X_OK):
        return
    with explained("look at the file system of", folder):
        is_read_only = os.statvfs(outside.path(folder)).f_flag & os.ST_RDONLY
    why = "its file system is mounted read-only" if is_read_only else "it is immutable, or this is not root"
    raise RefusedError(f"{path}: cannot write to {folder}: {why}", "mount it writable, or chattr -i")


def check_content(outside: Outside, path: str, content: bytes, command: Sequence[str]) -> None:
    """Raise RefusedError unless `command` accepts the content, shown to it under the file's own name."""
    clear_check_folder(outside)
    outside.make_folder(CHECK_FOLDER)
    shown = posixpath.join(CHECK_FOLDER, posixpath.basename(path))
    try:
        descriptor = outside.create(shown)
        try:
            outside.write(descriptor, content, shown)
        finally:
            os.close(descriptor)
        run_command([part.replace("{}", outside.path(shown)) for part in command])
    except SandboxError as error:
        raise RefusedError(f"{path}: its new content is refused: {error.message}", error.hint) from error
    finally:
        clear_check_folder(outside)


def clear_check_folder(outside: Outside) -> None:
    if lstat(outside, CHECK_FOLDER) is None:
        return
    with explained("list", CHECK_FOLDER):
        names = os.listdir(outside.path(CHECK_FOLDER))
    for name in names:
        outside.unlink(posixpath.join(CHECK_FOLDER, name))
    outside.remove_folder(CHECK_FOLDER)


def _refuse_other_type(path: str, change: Change) -> None:
    there, wanted = change.before.fact("type"), change.after.fact("type")
    if there is not None and there != wanted:
        raise RefusedError(f"{path}: is a {there}, expected a {wanted} or nothing", "move away what stands there")


def _existing_folder(outside: Outside, path: str) -> str:
    """The nearest folder on the way to `path` that is there already."""
    folder = posixpath.dirname(path)
    while folder != "/" and lstat(outside, folder) is None:
        folder = posixpath.dirname(folder)
    return folder
