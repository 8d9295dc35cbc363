"""The control `egress`: what it asks of the variables and of a host."""

from __future__ import annotations

from ..search import Search
from .descriptor import EGRESS
from .preflight import ask, find_problems
from .variables import find_malformed

SEARCHES = (
    Search(
        EGRESS,
        malformed=find_malformed,
        problems=find_problems,
        asks=ask,
        reads=(
            "sandbox_egress_subnet",
            "sandbox_egress_proxy_uid",
            "sandbox_container_uid_base",
            "sandbox_container_sessions",
        ),
    ),
)
