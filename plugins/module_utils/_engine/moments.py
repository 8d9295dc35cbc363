"""Moments of a host, by the clock that runs from its boot on: nobody can set it, and it counts in no other boot."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import LedgerError


@dataclass(frozen=True)
class Moment:
    """`ticks`: hundredths of a second since that boot began."""

    boot: str
    ticks: int

    def __str__(self) -> str:
        return f"{self.boot}:{self.ticks}"

    @classmethod
    def parse(cls, text: str) -> Moment:
        boot, _unused, ticks = text.rpartition(":")
        if not boot or not ticks.isdecimal():
            raise LedgerError(f"ledger: {text!r} is no moment", "restore it from a backup")
        return cls(boot, int(ticks))

    def seconds_until(self, other: Moment) -> float:
        """To a later moment of the same boot."""
        return (other.ticks - self.ticks) / 100

    def is_after(self, other: Moment) -> bool:
        """Whatever is of another boot came later: of an earlier one there is nothing left."""
        return self.boot != other.boot or self.ticks > other.ticks
