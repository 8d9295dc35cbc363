"""One line of a table of accounts."""

from __future__ import annotations

from collections.abc import Sequence

from ..._engine.errors import RefusedError, SandboxError
from ..._engine.states import ABSENT, State, present
from ..._engine.steps import Change
from ..._formats.accounts import check_line, find_entry, find_other_with_id, has_secrets, remove_entry, set_entry
from ..files import clear, encode, put_content, read_bytes, temporary_path
from ..shadow_lock import shadow_lock
from .file import refuse_read_only
from .provider import PlainProvider, split_name


class TableEntryProvider(PlainProvider):
    """name: `/etc/group#ably-sandbox`. facts: line, without its end. Others' lines stay to the byte."""

    def observe(self, name: str) -> State:
        path, entry = split_name(name)
        line = find_entry(self._read(path), entry, path)
        return ABSENT if line is None else present(line=line.decode("utf-8", "surrogateescape"))

    def rehearse(self, change: Change) -> None:
        path, entry = split_name(change.resource.name)
        refuse_read_only(self._outside, path)
        if change.after.is_absent:
            return
        line = change.after.fact("line")
        try:
            check_line(line, entry, path)
        except SandboxError as error:
            raise RefusedError(error.message, error.hint) from error
        other = find_other_with_id(self._read(path), encode(line), path)
        if other is not None:
            raise RefusedError(f"{path}: the id of {entry} is {other}'s already", "choose another id")

    def is_secret(self, change: Change) -> bool:
        return has_secrets(split_name(change.resource.name)[0])

    def swap_one(self, change: Change) -> None:
        """Read and written under one lock: what another program adds meanwhile is not lost."""
        path, entry = split_name(change.resource.name)
        with shadow_lock(self._outside):
            former = self._read(path)
            if change.after.is_absent:
                content = remove_entry(former, entry, path)
            else:
                content = set_entry(former, entry, encode(change.after.fact("line")), path)
            if content != former:
                put_content(self._outside, path, content)

    def recover(self, names: Sequence[str]) -> None:
        for path in dict.fromkeys(split_name(name)[0] for name in names):
            clear(self._outside, temporary_path(path))

    def _read(self, path: str) -> bytes:
        return read_bytes(self._outside, path) or b""
