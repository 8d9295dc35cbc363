"""The control `apparmor`, as sessions and levels know it."""

from __future__ import annotations

from ..._engine.resources import Owner
from ..descriptor import Descriptor
from .keys import KEYS
from .session_checks import find_missing, find_missing_in_process

APPARMOR = Descriptor(
    Owner(2, "apparmor"), keys=KEYS, session_checks=(find_missing,), process_checks=(find_missing_in_process,)
)
