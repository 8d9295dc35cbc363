"""The before-image of a file that several own: put back to the byte once nothing but its form differs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from ..._engine.errors import Kept, SandboxError
from ..._engine.states import ABSENT, State
from ..._engine.steps import Change
from ..._formats.accounts import entries_of, is_table
from ..._formats.daemon_json import parse_object
from ..._formats.resource_facts import FileFacts, facts_of
from ..commands import encode
from ..files import clear, put, read_bytes, read_path, remove, temporary_path
from .provider import PlainProvider


class SharedFileProvider(PlainProvider):
    """name: the path. facts: FileFacts. Only ever a footprint: its owners' entries are resources of their own.

    The shadow suite keeps the former version of each table beside it, as `/etc/group-`. That one is ours to put back
    when the table itself is what it was: then nobody's change is in it. So its facts carry the table's digest, `of`;
    where there is no backup yet its type is `missing`.
    """

    def observe(self, name: str) -> State:
        found = read_path(self._outside, name)
        if _is_backup(name):
            found = replace(found or FileFacts(type="missing"), of=self._digest_of_table(name))
        return ABSENT if found is None else found.state

    def is_secret(self, change: Change) -> bool:
        """Most of it is others'."""
        del change
        return True

    def swap_one(self, change: Change) -> None:
        path, former = change.resource.name, facts_of(FileFacts, change.after)
        if not self._means_the_same(path, former):
            raise Kept(f"{path}: others' entries are in it")
        if former is None or former.type == "missing":
            remove(self._outside, path)
        else:
            put(self._outside, path, former)

    def recover(self, names: Sequence[str]) -> None:
        for name in names:
            clear(self._outside, temporary_path(name))

    def _means_the_same(self, path: str, remembered: FileFacts | None) -> bool:
        if _is_backup(path):
            return remembered is not None and self._digest_of_table(path) == remembered.of
        there = read_bytes(self._outside, path)
        former = None if remembered is None else encode(remembered.content or "")
        if is_table(path):
            return entries_of(there or b"") == entries_of(former or b"")
        if path.endswith(".json"):
            return _same_json(there, former, path)
        return (there or b"").strip() == (former or b"").strip()

    def _digest_of_table(self, backup: str) -> str:
        table = read_bytes(self._outside, backup.rstrip("-")) or b""
        return hashlib.sha256(b"\n".join(entries_of(table))).hexdigest()


def _is_backup(path: str) -> bool:
    return path.endswith("-") and is_table(path)


def _same_json(there: bytes | None, former: bytes | None, path: str) -> bool:
    """Whether Docker would read the same from both. What cannot be read is somebody's work in progress."""
    if there == former:
        return True
    try:
        values = [parse_object(content or b"", path).values for content in (there, former)]
    except SandboxError:
        return False
    # By way of text: Python holds true and 1 for equal.
    return json.dumps(values[0], sort_keys=True) == json.dumps(values[1], sort_keys=True)
