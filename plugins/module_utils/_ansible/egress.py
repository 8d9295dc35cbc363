"""From the module's parameters to the control `egress`: the digests of its tables are the host's own nft's to say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._controls.egress.control import TEXTS, egress_control, tables_of
from .._controls.egress.policy import POLICY_ARGUMENTS, parse_policy
from .._engine.resources import Control
from .._system.nft import digest_source
from .._system.programs import find_program

ARGUMENTS: dict[str, Any] = {**POLICY_ARGUMENTS, **{name: {"type": "str", "required": True} for name in TEXTS}}
# Only a plan can say this: nothing is written before the packages, nftables among them, are there.
_UNKNOWN = "known when nftables is installed"


def egress_of(params: Mapping[str, Any]) -> Control:
    """Raises SandboxError with everything that is wrong with the parameters."""
    policy, tables = parse_policy(params), tables_of(params["filter"])
    has_nft = find_program("nft") is not None
    digests = {
        table.split()[0]: digest_source(table, source) if has_nft else _UNKNOWN for table, source in tables.items()
    }
    return egress_control(policy, {name: params[name] for name in TEXTS}, tables, digests)
