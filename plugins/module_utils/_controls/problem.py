"""What is wrong, as an object from where it is found to where it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_SHOWN = 60


@dataclass(frozen=True)
class Problem:
    """What is wrong on which object, what was found, what was expected, and what to do next.

    `variable`: the name of the variable that is wrong, where it is one. `spares_working_hosts`: a host on which all of
    its level is applied is told, and not refused: it works, and the finding is newer than it may be. The control itself
    refuses before it changes anything that the finding is about.
    """

    what: str
    observed: str
    expected: str
    next_step: str
    variable: str = ""
    spares_working_hosts: bool = False

    def __str__(self) -> str:
        return f"{self.what}: found {self.observed}, expected {self.expected}; {self.next_step}"


@dataclass(frozen=True)
class Found:
    """What is wrong before a host is looked at: with its `variables`, and with the `controller`, which lacks something
    for the session images.
    """

    variables: Sequence[Problem] = ()
    controller: Sequence[Problem] = ()


def wrong_variable(
    name: str, observed: str, expected: str, next_step: str = "correct it in the inventory", place: str = ""
) -> Problem:
    """`place`: where in the variable's value, such as `[0]`."""
    return Problem(f"variable {name}{place}", observed, expected, next_step, name)


def wrong_value(name: str, value: object, expected: str, place: str = "") -> Problem:
    """A value that is shown as Python has it, cut short: one line, whatever is in it."""
    text = repr(value)
    return wrong_variable(name, text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…", expected, place=place)
