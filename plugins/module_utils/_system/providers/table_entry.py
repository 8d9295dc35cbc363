"""One line of a table of accounts."""

from __future__ import annotations

from collections.abc import Sequence

from ..._engine.errors import RefusedError, SandboxError
from ..._engine.states import ABSENT, State
from ..._engine.steps import Change
from ..._formats.accounts import check_line, find_entry, find_other_with_id, has_secrets, remove_entry, set_entry
from ..._formats.resource_facts import TableEntryFacts, facts_of
from ..commands import encode
from ..files import clear, put_content, read_bytes, temporary_path
from ..shadow_lock import shadow_lock
from .file import refuse_read_only
from .provider import PlainProvider, split_name


class TableEntryProvider(PlainProvider):
    """name: `/etc/group#ably-sandbox`. facts: TableEntryFacts. Others' lines stay to the byte."""

    def observe(self, name: str) -> State:
        path, entry = split_name(name)
        line = find_entry(self._read(path), entry, path)
        return ABSENT if line is None else TableEntryFacts(line.decode("utf-8", "surrogateescape")).state

    def rehearse(self, change: Change) -> None:
        path, entry = split_name(change.resource.name)
        refuse_read_only(self._outside, path)
        wanted = facts_of(TableEntryFacts, change.after)
        if wanted is None:
            return
        try:
            check_line(wanted.line, entry, path)
        except SandboxError as error:
            raise RefusedError(error.message, error.hint) from error
        other = find_other_with_id(self._read(path), encode(wanted.line), path)
        if other is not None:
            raise RefusedError(f"{path}: the id of {entry} is {other}'s already", "choose another id")

    def is_secret(self, change: Change) -> bool:
        return has_secrets(split_name(change.resource.name)[0])

    def swap_one(self, change: Change) -> None:
        """Read and written under one lock: what another program adds meanwhile is not lost."""
        path, entry = split_name(change.resource.name)
        wanted = facts_of(TableEntryFacts, change.after)
        with shadow_lock(self._outside):
            former = self._read(path)
            if wanted is None:
                content = remove_entry(former, entry, path)
            else:
                content = set_entry(former, entry, encode(wanted.line), path)
            if content != former:
                put_content(self._outside, path, content)

    def recover(self, names: Sequence[str]) -> None:
        for path in dict.fromkeys(split_name(name)[0] for name in names):
            clear(self._outside, temporary_path(path))

    def _read(self, path: str) -> bytes:
        return read_bytes(self._outside, path) or b""
