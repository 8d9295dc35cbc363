"""From the parameters of `preflight_info` to its report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from .._controls.preflight.facts import HostFacts
from .._controls.preflight.needs import Needs, Problem
from .._controls.preflight.problems import find_notes, find_problems
from .._controls.userns.control import REMAP_KEY
from .._engine.errors import SandboxError
from .._system.outside import Outside
from .._system.preflight_facts import HostReader

# Set by the controls of level 2, whatever the variables say.
KEYS_OF_LEVEL_2 = (REMAP_KEY, "runtimes")


@dataclass(frozen=True)
class Report:
    """`facts` is what roles need to know of the host."""

    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    facts: Mapping[str, Any]


def examine(params: Mapping[str, Any]) -> Report:
    """Raises SandboxError when the parameters make no sense, or a file of the host cannot be read."""
    needs = _needs_of(params)
    facts = HostReader(Outside()).read(needs.packages)
    return Report(find_problems(facts, needs), find_notes(facts, needs), _facts_for_roles(facts))


def _needs_of(params: Mapping[str, Any]) -> Needs:
    try:
        subnet = IPv4Network(params["subnet"])
    except ValueError as error:
        raise SandboxError(f"subnet: expected an IPv4 network such as 10.213.0.0/24: {error}") from error
    return Needs(
        level=params["level"],
        packages=params["packages"],
        daemon_keys=[*params["daemon_keys"], *(KEYS_OF_LEVEL_2 if params["level"] >= 2 else ())],
        subnet=subnet,
        uid_base=params["uid_base"],
        sessions=params["sessions"],
        gid=params["gid"],
        proxy_uid=params["proxy_uid"],
        remap_uid=params["remap_uid"],
        remap_first_id=params["remap_first_id"],
        disk_mib=params["disk_mib"],
        allow_others_containers=params["allow_containers"],
        allow_rollback=params["allow_rollback"],
        kernel_left_out=params["kernel_left_out"],
        kernel_confirmed=params["kernel_confirmed"],
    )


def _facts_for_roles(facts: HostFacts) -> Mapping[str, Any]:
    version = facts.docker.version
    return {
        "level": facts.level,
        "unfinished": list(facts.unfinished),
        "on_trial": facts.on_trial,
        "unproven": facts.unproven,
        "distribution": facts.distribution.id,
        "distribution_version": facts.distribution.version,
        "architecture": facts.architecture,
        "kernel": facts.kernel,
        "python": list(facts.python),
        "apparmor": facts.has_apparmor,
        "docker_version": list(version) if version else None,
        "docker_running": facts.docker.is_running,
        "others_containers": list(facts.docker.containers),
    }
