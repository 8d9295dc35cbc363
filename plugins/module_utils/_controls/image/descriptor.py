"""The control `image`, as sessions and levels know it."""

from __future__ import annotations

from ..._engine.resources import Owner
from ..descriptor import Descriptor
from .keys import KEYS

IMAGE = Descriptor(Owner(1, "image"), keys=KEYS)
