"""What is wrong with parameters, as objects: the roles' variables are checked by what their control says of these."""

from __future__ import annotations

from dataclasses import dataclass

from .._engine.errors import SandboxError


@dataclass(frozen=True)
class Fault:
    """A parameter that is wrong. `place`: where in its value, such as `[0]`; `found`: what is there."""

    key: str
    expected: str
    found: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.key}{self.place}: expected {self.expected}, found {self.found}"


class FaultsError(SandboxError):
    """The parameters make no sense; `faults` and the message name everything that is wrong."""

    def __init__(self, *faults: Fault, hint: str | None = None) -> None:
        super().__init__("; ".join(map(str, faults)), hint)
        self.faults = faults
