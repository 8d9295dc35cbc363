"""The control `kernel`, as everybody else knows it."""

from __future__ import annotations

from ..descriptor import Descriptor
from .control import OWNER

KERNEL = Descriptor(OWNER, since="0.2.0")
