"""The control `apparmor`, as everybody else knows it."""

from __future__ import annotations

from ..descriptor import Descriptor
from .control import OWNER
from .preflight import find_notes, find_problems
from .variables import CHECKS

APPARMOR = Descriptor(OWNER, checks=CHECKS, problems=(find_problems,), notes=(find_notes,))
