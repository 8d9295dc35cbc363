"""The control `seccomp`, as sessions and levels know it."""

from __future__ import annotations

from ..._engine.resources import Owner
from ..descriptor import Descriptor
from .keys import KEYS

SECCOMP = Descriptor(Owner(2, "seccomp"), keys=KEYS)
