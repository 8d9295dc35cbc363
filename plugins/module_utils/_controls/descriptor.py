"""What everybody else has to know of a control. Each control says it once; `registry` collects it."""

from __future__ import annotations

from dataclasses import dataclass

from .._engine.resources import Owner

FIRST_RELEASE = "0.1.0"


@dataclass(frozen=True)
class Descriptor:
    """`owner`: phase and name, as the ledger has them. `since`: the release that brought it."""

    owner: Owner
    since: str = FIRST_RELEASE

    @property
    def is_added(self) -> bool:
        """Whether hosts of an earlier release are at the level of its phase without it."""
        return self.since != FIRST_RELEASE
