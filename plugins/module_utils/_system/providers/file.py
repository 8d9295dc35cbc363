"""Files, folders and links that are wholly ours."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Sequence
from dataclasses import replace

from ..._controls.names import is_ours_alone
from ..._engine.errors import RefusedError, SandboxError
from ..._engine.resources import Wish
from ..._engine.states import ABSENT, State
from ..._engine.steps import Change
from ..._formats.resource_facts import FileFacts, facts_of
from ..._formats.seccomp_profile import count_calls
from ..commands import encode, run_command
from ..files import LARGEST, clear, lstat, put, read_path, remove, temporary_path
from ..outside import Outside, explained
from .provider import PlainProvider

# A private place to show a file to its checker before it is put in place. Below /run: gone after a reboot.
CHECK_FOLDER = "/run/ably-sandbox.check"
# What a new file needs besides its content: its block rounding, its folder's growth, the ledger's next records.
_MARGIN = 64 * 1024
_NONE = object()


class FileProvider(PlainProvider):
    """name: the path. facts: FileFacts; `mtime_ns` and `xattrs` are observed only."""

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self._promised_folders: set[str] = set()
        self._promised_bytes = 0

    def complete(self, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        return tuple(map(self._keep_shared, wishes))

    def _keep_shared(self, wish: Wish) -> Wish:
        """A folder that is not ours alone keeps the mode and the owner that it has."""
        wanted = facts_of(FileFacts, wish.state or ABSENT)
        if wanted is None or wanted.type != "folder" or is_ours_alone(wish.resource.name):
            return wish
        there = read_path(self._outside, wish.resource.name)
        if there is None or there.type != "folder":
            return wish
        return replace(wish, state=FileFacts(type="folder", mode=there.mode, uid=there.uid, gid=there.gid).state)

    def observe(self, name: str) -> State:
        found = read_path(self._outside, name)
        return ABSENT if found is None else found.state

    def rehearse(self, change: Change) -> None:
        path, wanted = change.resource.name, facts_of(FileFacts, change.after)
        if wanted is None:
            return
        content = encode(wanted.content or "")
        _refuse_other_type(path, change)
        self._refuse_way(path)
        self._refuse_size(path, len(content))
        if change.check:
            check_content(self._outside, path, content, change.check)
        if wanted.type == "folder":
            self._promised_folders.add(path)

    def is_secret(self, change: Change) -> bool:
        facts = (facts_of(FileFacts, state) for state in (change.before, change.after))
        return not all(one is None or one.mode is None or one.mode & stat.S_IROTH for one in facts)

    def shown(self, change: Change) -> Change:
        is_whole = change.before.is_absent or change.after.is_absent
        return replace(change, before=_shown(change.before, is_whole), after=_shown(change.after, is_whole))

    def swap(self, changes: Sequence[Change]) -> None:
        self._promised_folders.clear()
        self._promised_bytes = 0
        super().swap(changes)

    def swap_one(self, change: Change) -> None:
        """Facts that nobody wished for stay as they were, the time too unless the content changes."""
        before, after = facts_of(FileFacts, change.before), facts_of(FileFacts, change.after)
        whole = facts_of(FileFacts, change.after.under(change.before))
        if after is None or whole is None:
            remove(self._outside, change.resource.name)
        elif after.mtime_ns is None and not (before and _is_same(before, whole)):
            put(self._outside, change.resource.name, replace(whole, mtime_ns=None))
        else:
            put(self._outside, change.resource.name, whole)

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

    def _refuse_size(self, path: str, size: int) -> None:
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
    there, wanted = facts_of(FileFacts, change.before), facts_of(FileFacts, change.after)
    if there and wanted and there.type is not None and there.type != wanted.type:
        raise RefusedError(
            f"{path}: is a {there.type}, expected a {wanted.type} or nothing", "move away what stands there"
        )


def _shown(state: State, is_whole: bool) -> State:
    """Modes as chmod has them. Of a file that comes or goes `is_whole`: in short, and that it is root's is usual."""
    if state.facts is None:
        return state
    usual: dict[str, object] = {"xattrs": {}, **({"type": "file", "uid": 0, "gid": 0} if is_whole else {})}
    facts = {
        name: value for name, value in state.facts.items() if name != "mtime_ns" and usual.get(name, _NONE) != value
    }
    if isinstance(facts.get("mode"), int):
        facts["mode"] = f"{facts['mode']:04o}"
    if is_whole and isinstance(facts.get("content"), str):
        facts["content"] = count_calls(facts["content"]) or facts["content"]
    return State(facts)


def _is_same(before: FileFacts, after: FileFacts) -> bool:
    return (before.type, before.content, before.target) == (after.type, after.content, after.target)


def _existing_folder(outside: Outside, path: str) -> str:
    """The nearest folder on the way to `path` that is there already."""
    folder = posixpath.dirname(path)
    while folder != "/" and lstat(outside, folder) is None:
        folder = posixpath.dirname(folder)
    return folder
