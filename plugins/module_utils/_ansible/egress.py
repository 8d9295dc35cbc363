"""From the module's parameters to the control `egress`: the digests of its tables are the host's own nft's to say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .._controls.egress.control import NETWORK_FRAGMENT, TEXTS, egress_control, tables_of
from .._controls.egress.policy import DOCKER_NETWORK, POLICY_ARGUMENTS, EgressPolicy, parse_policy
from .._controls.egress.preflight import find_taken_uid
from .._controls.egress.ranges import find_taken_range
from .._controls.egress.units import PROXY_USER
from .._controls.preflight.asked import Asked
from .._controls.problem import Problem
from .._engine.resources import Control
from .._system.account_reader import AccountReader
from .._system.nft import digest_source
from .._system.outside import Outside
from .._system.programs import find_program
from .._system.route_reader import RouteReader
from .findings import read_account, read_text, refuse

ARGUMENTS: dict[str, Any] = {**POLICY_ARGUMENTS, **{name: {"type": "str", "required": True} for name in TEXTS}}
# Only a plan can say this: nothing is written before the packages, nftables among them, are there.
_UNKNOWN = "known when nftables is installed"


def egress_of(params: Mapping[str, Any]) -> Control:
    """Raises SandboxError with everything that is wrong with the parameters, or with who has what it takes."""
    policy, tables = parse_policy(params), tables_of(params["filter"])
    refuse(find_taken(policy, Outside()))
    has_nft = find_program("nft") is not None
    digests = {
        table.split()[0]: digest_source(table, source) if has_nft else _UNKNOWN for table, source in tables.items()
    }
    return egress_control(policy, {name: params[name] for name in TEXTS}, tables, digests)


def find_taken(policy: EgressPolicy, outside: Outside) -> Iterator[Problem]:
    """Only what is not ours yet is asked for, so that nothing is read where nothing changes."""
    if read_account(outside, "/etc/passwd", PROXY_USER)[0] != policy.proxy_uid:
        found = AccountReader(outside).read(Asked((policy.proxy_uid,)))
        yield from find_taken_uid(found.ids, policy.proxy_uid)
    if _range_there(outside) != str(policy.subnet):
        reader = RouteReader(outside)
        # The one of that name is what release 0.1.0 made; preflight has asked the ledger.
        others = {name: subnets for name, subnets in reader.networks().items() if name != DOCKER_NETWORK}
        there = replace(reader.read(str(policy.subnet[-2])), networks=others)
        yield from find_taken_range(there, policy.subnet)


def _range_there(outside: Outside) -> str:
    """The range that sessions have; empty where there is none yet, or none that can be read."""
    try:
        return str(json.loads(read_text(outside, NETWORK_FRAGMENT))["network"]["subnet"])
    except (ValueError, KeyError, TypeError):
        return ""
