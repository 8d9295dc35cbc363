"""What preflight finds, asked once more by a control for what it is about to take: it may run without preflight, and
a host that works is let through preflight with a note.
"""

from __future__ import annotations

from collections.abc import Iterable

from .._controls.problem import Problem
from .._engine.errors import RefusedError
from .._formats.accounts import find_entry, parse_entry
from .._system.files import read_bytes
from .._system.outside import Outside


def refuse(problems: Iterable[Problem]) -> None:
    """Raise RefusedError with all of them, unless there is none."""
    found = tuple(problems)
    if found:
        said = "; ".join(f"{one.what}: found {one.observed}, expected {one.expected}" for one in found)
        steps = "; ".join(dict.fromkeys(one.next_step for one in found))
        raise RefusedError(said, f"{steps}; nothing was changed")


def read_account(outside: Outside, path: str, name: str) -> tuple[int | None, tuple[str, ...]]:
    """The id that a user or group of ours has, None where it is not there, and its members."""
    line = find_entry(read_bytes(outside, path) or b"", name, path)
    return (None, ()) if line is None else parse_entry(line)


def read_text(outside: Outside, path: str) -> str:
    """Empty where there is none."""
    return (read_bytes(outside, path) or b"").decode("utf-8", "surrogateescape")
