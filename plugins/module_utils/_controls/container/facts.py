"""What the templates of the role `container` are made of: what bounds all sessions together, and how long one lasts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..faults import Fault, FaultsError
from .variables import CHECKS

PREFIX = "sandbox_container_"
_NUMBER = {"type": "int", "required": True}
# As an argument spec. Each is the variable of that name, with the prefix.
FACTS_ARGUMENTS: dict[str, Any] = {
    "sessions": _NUMBER,
    "runtime_max": _NUMBER,
    "total_memory": {"type": "str", "required": True},
    "total_cpus": {"type": "float", "required": True},
    "total_pids": _NUMBER,
}


def template_facts(params: Mapping[str, Any]) -> dict[str, Any]:
    """`total_memory`: as systemd writes it; `cpu_quota`: in percent of one processor. Raises FaultsError."""
    misfits = {name: CHECKS[PREFIX + name](params[name]) for name in FACTS_ARGUMENTS}
    faults = [Fault(name, found.expected, repr(found.value), found.place) for name, found in misfits.items() if found]
    if faults:
        raise FaultsError(*faults, hint="nothing was changed; correct the variables of the role")
    return {
        "sessions": params["sessions"],
        "runtime_max": params["runtime_max"],
        # systemd knows units in upper case alone, and passes over a line that it cannot read.
        "total_memory": params["total_memory"].upper(),
        "cpu_quota": round(params["total_cpus"] * 100),
        "total_pids": params["total_pids"],
    }
