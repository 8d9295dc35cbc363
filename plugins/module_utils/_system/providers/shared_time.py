"""When a file that several own was last written: put back once its content is what it was."""

from __future__ import annotations

import hashlib

from ..._engine.errors import Kept
from ..._engine.states import ABSENT, State
from ..._engine.steps import Change
from ..._formats.accounts import has_secrets
from ..._formats.resource_facts import SharedTimeFacts, facts_of
from ..files import lstat, read_bytes
from .provider import PlainProvider


class SharedTimeProvider(PlainProvider):
    """name: the path. facts: SharedTimeFacts. Only ever a footprint.

    For a phase that changes lines or keys of a file whose before-image an earlier phase has.
    """

    def observe(self, name: str) -> State:
        found = lstat(self._outside, name)
        if found is None:
            return ABSENT
        return SharedTimeFacts(found.st_mtime_ns, self._digest(name)).state

    def is_secret(self, change: Change) -> bool:
        """The digest would tell whether a guess is right."""
        return has_secrets(change.resource.name)

    def swap_one(self, change: Change) -> None:
        path, before = change.resource.name, facts_of(SharedTimeFacts, change.after)
        if before is None or self._digest(path) != before.sha256:
            raise Kept(f"{path}: others' changes are in it")
        self._outside.set_mtime(path, before.mtime_ns)

    def _digest(self, path: str) -> str:
        return hashlib.sha256(read_bytes(self._outside, path) or b"").hexdigest()
