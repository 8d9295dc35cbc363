"""One key of a JSON file that others write to as well, or one key of an object in it."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import Any

from ..._controls.docker.control import DAEMON_JSON
from ..._engine.states import ABSENT, State
from ..._engine.steps import Change
from ..._formats.daemon_json import JsonObject, parse_object
from ..._formats.json_path import find_path, remove_path, set_path
from ..._formats.resource_facts import JsonKeyFacts, facts_of
from ..docker_start import refuse_no_start, refuse_no_start_without_us
from ..files import clear, put_content, read_bytes, temporary_path
from ..outside import Outside
from .file import check_content, clear_check_folder, refuse_read_only
from .provider import PlainProvider, split_name


class JsonKeyProvider(PlainProvider):
    """name: `/etc/docker/daemon.json#log-driver`, or `…#runtimes/NAME`. facts: JsonKeyFacts.

    The rest of the file stays to the byte.
    """

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self._rehearsed: dict[str, JsonObject] = {}

    def observe(self, name: str) -> State:
        path, key = split_name(name)
        member = find_path(self._read(path), key, posixpath.basename(path))
        return ABSENT if member is None else JsonKeyFacts(member.value).state

    def rehearse(self, change: Change) -> None:
        """The check sees the file with this key and those rehearsed before it: keys may depend on each other."""
        path, _unused = split_name(change.resource.name)
        refuse_read_only(self._outside, path)
        content = _edit(self._rehearsed.get(path) or self._read(path), change.resource.name, change.after)
        self._rehearsed[path] = parse_object(content, path)
        if change.check and path == DAEMON_JSON:
            # With the flags of its unit, which no command of the control's knows.
            refuse_no_start(self._outside, _changed(self._read(path).values, self._rehearsed[path].values))
        elif change.check:
            check_content(self._outside, path, content, change.check)

    def consent(self, changes: Sequence[Change], force: bool) -> None:
        """Force or not: a host whose Docker runs keeps it. Judged is the file with all of these gone back."""
        del force
        keys = [change for change in changes if split_name(change.resource.name)[0] == DAEMON_JSON]
        found = self._read(DAEMON_JSON)
        for change in keys:
            found = parse_object(_edit(found, change.resource.name, change.after), DAEMON_JSON)
        if keys:
            refuse_no_start_without_us(self._outside, found.values)

    def swap_one(self, change: Change) -> None:
        path, key = split_name(change.resource.name)
        self._rehearsed.pop(path, None)
        found = self._read(path)
        if change.after.is_absent and find_path(found, key, posixpath.basename(path)) is None:
            return
        put_content(self._outside, path, _edit(found, change.resource.name, change.after))

    def recover(self, names: Sequence[str]) -> None:
        for path in dict.fromkeys(split_name(name)[0] for name in names):
            clear(self._outside, temporary_path(path))
        clear_check_folder(self._outside)

    def _read(self, path: str) -> JsonObject:
        return parse_object(read_bytes(self._outside, path) or b"", posixpath.basename(path))


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in after.items() if key not in before or before[key] != value}


def _edit(found: JsonObject, name: str, after: State) -> bytes:
    path, key = split_name(name)
    title, wanted = posixpath.basename(path), facts_of(JsonKeyFacts, after)
    if wanted is None:
        return remove_path(found, key, title).encode("utf-8")
    return set_path(found, key, wanted.value, title).encode("utf-8")
