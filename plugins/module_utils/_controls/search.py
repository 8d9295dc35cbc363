"""What a control asks of the variables and of a host before anything changes. `searches` collects it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .checks import Check
from .descriptor import Descriptor
from .preflight.asked import Asked
from .preflight.facts import HostFacts
from .preflight.needs import Needs
from .problem import Problem


@dataclass(frozen=True)
class Search:
    """`checks`: variable to what its value has to be. `malformed`: what is wrong with values that each make sense,
    asked with all of them. `problems` and `notes`: what keeps a host from the control, and what should be known;
    `asks`: what they ask a host for by name or number; `reads`: the variables that these look at. `data`: what
    `malformed` reads besides, the role's own, from its `vars`. `daemon_keys`: of Docker's daemon.json, with the values
    that are set whatever the variables say.
    """

    control: Descriptor
    checks: Mapping[str, Check] = field(default_factory=dict)
    malformed: Callable[[Mapping[str, Any]], Iterator[Problem]] | None = None
    problems: Callable[[HostFacts, Needs], Iterator[Problem]] | None = None
    notes: Callable[[HostFacts, Needs], Iterator[str]] | None = None
    asks: Callable[[Needs], Asked] | None = None
    reads: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    daemon_keys: Mapping[str, Any] = field(default_factory=dict)
