"""The control `image`, as everybody else knows it."""

from __future__ import annotations

from ..descriptor import Descriptor
from .control import OWNER
from .variables import CHECKS, find_malformed

IMAGE = Descriptor(OWNER, checks=CHECKS, malformed=(find_malformed,))
