"""The control `agent`, as sessions and levels know it."""

from __future__ import annotations

from ..._engine.resources import Owner
from ..descriptor import Descriptor

AGENT = Descriptor(Owner(1, "agent"), ledger_name="program")
