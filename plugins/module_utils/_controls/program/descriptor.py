"""The control `program`, as sessions and levels know it."""

from __future__ import annotations

from ..._engine.resources import Owner
from ..descriptor import Descriptor

PROGRAM = Descriptor(Owner(1, "program"))
