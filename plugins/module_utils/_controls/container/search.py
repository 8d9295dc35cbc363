"""The control `container`: what it asks of the variables and of a host."""

from __future__ import annotations

from ..search import Search
from .descriptor import CONTAINER
from .preflight import ask, find_problems
from .variables import CHECKS, find_malformed

SEARCHES = (
    Search(
        CONTAINER,
        checks=CHECKS,
        malformed=find_malformed,
        problems=find_problems,
        asks=ask,
        reads=(
            "sandbox_container_gid",
            "sandbox_container_users",
            "sandbox_container_uid_base",
            "sandbox_container_sessions",
            "sandbox_egress_proxy_uid",
        ),
    ),
)
