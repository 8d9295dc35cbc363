"""The control `egress`, as everybody else knows it."""

from __future__ import annotations

from ..descriptor import Descriptor
from .control import OWNER
from .preflight import find_problems
from .variables import find_malformed

EGRESS = Descriptor(
    OWNER,
    malformed=(find_malformed,),
    problems=(find_problems,),
    reads=(
        "sandbox_egress_subnet",
        "sandbox_egress_proxy_uid",
        "sandbox_container_uid_base",
        "sandbox_container_sessions",
    ),
)
