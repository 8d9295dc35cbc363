"""The control `container`, as everybody else knows it."""

from __future__ import annotations

from ..descriptor import Descriptor
from .control import OWNER
from .preflight import find_problems
from .variables import CHECKS, find_malformed

CONTAINER = Descriptor(
    OWNER,
    checks=CHECKS,
    malformed=(find_malformed,),
    problems=(find_problems,),
    reads=(
        "sandbox_container_gid",
        "sandbox_container_uid_base",
        "sandbox_container_sessions",
        "sandbox_egress_proxy_uid",
    ),
)
