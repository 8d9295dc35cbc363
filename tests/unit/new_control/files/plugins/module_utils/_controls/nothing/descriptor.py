"""The control `nothing`, as sessions and levels know it."""

from __future__ import annotations

from ..._engine.resources import Owner
from ..descriptor import Descriptor

NOTHING = Descriptor(Owner(3, "nothing"))
