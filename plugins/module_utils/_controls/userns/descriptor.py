"""The controls `subids`, `userns` and `docker_objects`, as sessions and levels know them."""

from __future__ import annotations

from ..._engine.resources import Owner
from ..descriptor import Descriptor
from .keys import KEYS
from .session_checks import find_missing, find_missing_in_process

SUBIDS = Descriptor(Owner(2, "subids"), role="userns")
USERNS = Descriptor(
    Owner(2, "userns"), keys=KEYS, session_checks=(find_missing,), process_checks=(find_missing_in_process,)
)
DOCKER_OBJECTS = Descriptor(Owner(2, "docker_objects"), role="userns", ledger_name="carried")
