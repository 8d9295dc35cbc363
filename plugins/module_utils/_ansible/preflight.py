"""From the parameters of `preflight_info` to its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._controls.preflight.facts import HostFacts
from .._controls.preflight.needs import Needs
from .._controls.preflight.problems import find_notes, find_problems
from .._controls.preflight.selection import Selection
from .._controls.problem import Found, Problem
from .._controls.searches import asked_of, searches_of
from .._system.outside import Outside
from .._system.preflight_facts import HostReader


@dataclass(frozen=True)
class Report:
    """`facts` is what roles need to know of the host."""

    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    facts: Mapping[str, Any]


def examine(variables: Mapping[str, Any], tags: Sequence[str], skipped: Sequence[str], before: Found) -> Report:
    """Raises SandboxError when a variable is missing, or a file of the host cannot be read."""
    needs = needs_of(variables)
    packages = needs.names("sandbox_docker_packages")
    facts = HostReader(Outside()).read(packages, asked_of(needs), needs.daemon_keys)
    selection = Selection(tuple(tags), tuple(skipped))
    notes = find_notes(facts, needs, before)
    return Report(find_problems(facts, needs, selection, before), notes, _facts_for_roles(facts))


def needs_of(variables: Mapping[str, Any]) -> Needs:
    needs = Needs(variables)
    keys = needs.table("sandbox_docker_daemon_config")
    for search in searches_of(needs.level):
        keys = {**keys, **search.daemon_keys}
    return Needs(variables, keys)


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
