"""The controls `subids`, `userns` and `carried`, as everybody else knows them."""

from __future__ import annotations

from ..descriptor import Descriptor
from .control import CARRIED_OWNER, SUBIDS_OWNER, USERNS_OWNER

SUBIDS = Descriptor(SUBIDS_OWNER)
USERNS = Descriptor(USERNS_OWNER)
CARRIED = Descriptor(CARRIED_OWNER)
