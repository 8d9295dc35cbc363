"""The control `egress`, as sessions and levels know it."""

from __future__ import annotations

from ..._engine.resources import Owner
from ..descriptor import Descriptor
from .keys import KEYS
from .session_checks import find_missing

EGRESS = Descriptor(Owner(1, "egress"), keys=KEYS, session_checks=(find_missing,))
