"""The control `egress`, as everybody else knows it."""

from __future__ import annotations

from ..descriptor import Descriptor
from .control import OWNER

EGRESS = Descriptor(OWNER)
