"""Kernel parameters: their running values. What they are after a reboot is a file of ours."""

from __future__ import annotations

import os

from ..._controls.kernel.items import is_closed
from ..._engine.errors import Kept, RefusedError
from ..._engine.states import ABSENT, State
from ..._engine.steps import Change
from ..._formats.resource_facts import SysctlFacts, facts_of
from ..configuration import who_sets
from ..files import read_bytes
from ..reading import Reader
from .provider import PlainProvider


class SysctlProvider(PlainProvider):
    """name: `net.ipv4.ip_forward`, an interface's own dots as slashes (see sysctl(8)). facts: SysctlFacts."""

    def observe(self, name: str) -> State:
        value = read_bytes(self._outside, _path(name))
        return ABSENT if value is None else SysctlFacts(" ".join(value.decode("ascii").split())).state

    def rehearse(self, change: Change) -> None:
        if change.before.is_absent and not change.after.is_absent:
            raise RefusedError(f"{change.resource}: this kernel does not have it", "is its module loaded?")

    def swap_one(self, change: Change) -> None:
        """A parameter comes and goes with its module or interface: to make it absent there is nothing to do."""
        name = change.resource.name
        wanted, there = facts_of(SysctlFacts, change.after), facts_of(SysctlFacts, self.observe(name))
        if wanted is None or there is None:
            return
        if not is_closed(name, wanted.value):
            self._leave_to_others(name, there.value)
        path = _path(name)
        descriptor = self._outside.open(path, os.O_WRONLY)
        try:
            self._outside.write(descriptor, f"{wanted.value}\n".encode("ascii"), path)
        finally:
            os.close(descriptor)

    def _leave_to_others(self, name: str, value: str) -> None:
        """On the way back: a value that an operator has set since, though it is the one that we wrote, is theirs."""
        path = who_sets(Reader(self._outside), (name,), value)
        if path:
            raise Kept(f"sysctl {name}: stays {value}, because {path} sets it")


def _path(name: str) -> str:
    """In a name dots part the levels and a slash stands for a dot; in the path it is the other way round."""
    return "/proc/sys/" + name.translate(str.maketrans("./", "/."))
