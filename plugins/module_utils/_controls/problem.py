"""What is wrong, as an object from where it is found to where it is printed."""

from __future__ import annotations

from dataclasses import dataclass

_SHOWN = 60


@dataclass(frozen=True)
class Problem:
    """What is wrong on which object, what was found, what was expected, and what to do next."""

    what: str
    observed: str
    expected: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.what}: found {self.observed}, expected {self.expected}; {self.next_step}"


@dataclass(frozen=True)
class WrongVariable(Problem):
    """A problem with the variable `name`."""

    name: str = ""


def wrong_variable(name: str, observed: str, expected: str, next_step: str = "correct it in the inventory") -> Problem:
    return WrongVariable(f"variable {name}", observed, expected, next_step, name)


def wrong_value(name: str, value: object, expected: str) -> Problem:
    """A value that is shown as Python has it, cut short."""
    text = repr(value)
    return wrong_variable(name, text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…", expected)
