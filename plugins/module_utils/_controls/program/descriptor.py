"""The control `program`, as everybody else knows it."""

from __future__ import annotations

from ..descriptor import Descriptor
from .control import OWNER
from .variables import CHECKS

PROGRAM = Descriptor(OWNER, checks=CHECKS)
