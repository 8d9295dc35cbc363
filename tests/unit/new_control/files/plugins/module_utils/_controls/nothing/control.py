"""The control `nothing`: it is applied, and changes nothing."""

from __future__ import annotations

from ..._engine.resources import Control
from .descriptor import NOTHING


def nothing_control() -> Control:
    return Control(NOTHING.owner, ())
