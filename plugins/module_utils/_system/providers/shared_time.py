"""When a file that several own was last written: put back once its content is what it was."""

from __future__ import annotations

import hashlib

from ..._engine.errors import Kept
from ..._engine.states import ABSENT, State, present
from ..._engine.steps import Change
from ..._formats.accounts import has_secrets
from ..files import lstat, read_bytes
from .provider import PlainProvider


class SharedTimeProvider(PlainProvider):
    """name: the path. facts: mtime_ns; sha256 of the content. Only ever a footprint.

    For a phase that changes lines or keys of a file whose before-image an earlier phase has.
    """

    def observe(self, name: str) -> State:
        found = lstat(self._outside, name)
        if found is None:
            return ABSENT
        return present(mtime_ns=found.st_mtime_ns, sha256=self._digest(name))

    def is_secret(self, change: Change) -> bool:
        """The digest would tell whether a guess is right."""
        return has_secrets(change.resource.name)

    def swap_one(self, change: Change) -> None:
        path, before = change.resource.name, change.after
        if before.is_absent or self._digest(path) != before.fact("sha256"):
            raise Kept(f"{path}: others' changes are in it")
        self._outside.set_mtime(path, before.fact("mtime_ns"))

    def _digest(self, path: str) -> str:
        return hashlib.sha256(read_bytes(self._outside, path) or b"").hexdigest()
