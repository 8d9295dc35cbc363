"""The control `seccomp`, as everybody else knows it."""

from __future__ import annotations

from ..descriptor import Descriptor
from .control import OWNER

SECCOMP = Descriptor(OWNER)
