"""The controls `subids`, `userns` and `carried`, as everybody else knows them."""

from __future__ import annotations

from ..descriptor import Descriptor
from .control import CARRIED_OWNER, REMAP_KEY, SUBIDS_OWNER, USERNS_OWNER
from .preflight import find_notes, find_problems_in_docker, find_problems_in_ids
from .variables import CHECKS

SUBIDS = Descriptor(
    SUBIDS_OWNER,
    checks=CHECKS,
    problems=(find_problems_in_ids,),
    reads=(
        "sandbox_userns_uid",
        "sandbox_userns_first_id",
        "sandbox_container_uid_base",
        "sandbox_container_sessions",
        "sandbox_egress_proxy_uid",
    ),
)
USERNS = Descriptor(
    USERNS_OWNER,
    problems=(find_problems_in_docker,),
    notes=(find_notes,),
    reads=("sandbox_preflight_allow_containers",),
    daemon_keys=(REMAP_KEY,),
)
CARRIED = Descriptor(CARRIED_OWNER)
