"""The controls `subids` and `userns`: what they ask of the variables and of a host."""

from __future__ import annotations

from ..search import Search
from .control import REMAP_KEY, REMAP_USER
from .descriptor import SUBIDS, USERNS
from .preflight import ask, find_notes, find_problems_in_docker, find_problems_in_ids
from .variables import CHECKS

SEARCHES = (
    Search(
        SUBIDS,
        checks=CHECKS,
        problems=find_problems_in_ids,
        asks=ask,
        reads=(
            "sandbox_userns_uid",
            "sandbox_userns_first_id",
            "sandbox_container_uid_base",
            "sandbox_container_sessions",
            "sandbox_egress_proxy_uid",
        ),
    ),
    Search(
        USERNS,
        problems=find_problems_in_docker,
        notes=find_notes,
        reads=("sandbox_preflight_allow_containers",),
        daemon_keys={REMAP_KEY: REMAP_USER},
    ),
)
