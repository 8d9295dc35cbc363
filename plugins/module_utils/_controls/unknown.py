"""Names that nobody knows, and the known one that was probably meant. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from .._engine.errors import RefusedError
from .registry import CONTROLS, LEVELS

_CONTROL_NAMES = tuple(control.owner.control for control in CONTROLS)


def suggest(name: str, known: Iterable[str], otherwise: str) -> str:
    """What to do next: the known name that is most like this one, `otherwise` where none is like it."""
    nearest = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.75)
    return f"did you mean {nearest[0]}?" if nearest else otherwise


def is_near(name: str, known: str, most: int = 2) -> bool:
    """Whether one becomes the other by at most so many letters that are added, left out or replaced (Levenshtein)."""
    if abs(len(name) - len(known)) > most:
        return False
    former = list(range(len(known) + 1))
    for row, letter in enumerate(name, 1):
        current = [row]
        for column, other in enumerate(known, 1):
            current.append(min(former[column] + 1, current[-1] + 1, former[column - 1] + (letter != other)))
        if min(current) > most:
            return False
        former = current
    return former[-1] <= most


def check_level(level: int) -> None:
    """Raise RefusedError for what is no level of this release."""
    if level not in LEVELS:
        raise RefusedError(f"level {level}: expected 0 to {LEVELS[-1]}", "nothing was changed")


def check_control(name: str | None) -> None:
    """Raise RefusedError for what is no control's name; None is every control."""
    if name is None or name in _CONTROL_NAMES:
        return
    next_step = suggest(name, _CONTROL_NAMES, f"it is one of {', '.join(_CONTROL_NAMES)}")
    raise RefusedError(f"control {name}: there is none of that name", next_step)
