"""What everybody else has to know of a control. Each control says it once; `registry` collects it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._engine.resources import Owner
from .checks import Check
from .preflight.facts import HostFacts
from .preflight.needs import Needs
from .problem import Problem

FIRST_RELEASE = "0.1.0"


@dataclass(frozen=True)
class Descriptor:
    """`owner`: phase and name, as the ledger has them. `since`: the release that brought it.

    `checks`: variable to what its value has to be. `malformed`: what is wrong with values that each make sense, asked
    with all of them. `problems` and `notes`: what keeps a host from the control, and what should be known; `reads`: the
    variables that these look at. `daemon_keys`: of Docker's daemon.json, that it sets whatever the variables say.
    """

    owner: Owner
    since: str = FIRST_RELEASE
    checks: Mapping[str, Check] = field(default_factory=dict)
    malformed: tuple[Callable[[Mapping[str, Any]], Iterator[Problem]], ...] = ()
    problems: tuple[Callable[[HostFacts, Needs], Iterator[Problem]], ...] = ()
    notes: tuple[Callable[[HostFacts, Needs], Iterator[str]], ...] = ()
    reads: tuple[str, ...] = ()
    daemon_keys: tuple[str, ...] = ()

    @property
    def is_added(self) -> bool:
        """Whether hosts of an earlier release are at the level of its phase without it."""
        return self.since != FIRST_RELEASE
