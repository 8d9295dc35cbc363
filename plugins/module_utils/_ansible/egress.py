"""From the module's parameters to the control `egress`: the digests of its tables are the host's own nft's to say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._controls.egress.control import egress_control
from .._controls.egress.filter import render_tables
from .._controls.egress.policy import parse_policy
from .._engine.resources import Control
from .._system.nft import digest_source
from .._system.programs import find_program

_NAMES = {"type": "list", "elements": "str"}
_COUNTS = ("sessions", "connections", "connection_rate", "dns_rate", "idle_timeout", "proxy_uid")
ARGUMENTS: dict[str, Any] = {
    "allowed_names": {**_NAMES, "required": True},
    "subnet": {"type": "str", "required": True},
    "gateway": {"type": "str", "required": True},
    **{name: {"type": "int", "required": True} for name in _COUNTS},
    "refused_networks": {**_NAMES, "default": []},
    "resolvers": {**_NAMES, "default": []},
}
# Only a plan can say this: nothing is written before the packages, nftables among them, are there.
_UNKNOWN = "known when nftables is installed"


def egress_of(params: Mapping[str, Any]) -> Control:
    """Raises SandboxError with everything that is wrong with the parameters."""
    policy = parse_policy(params)
    tables = render_tables(policy)
    has_nft = find_program("nft") is not None
    digests = {
        table.split()[0]: digest_source(table, source) if has_nft else _UNKNOWN for table, source in tables.items()
    }
    return egress_control(policy, tables, digests)
