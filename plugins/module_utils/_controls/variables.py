"""The variables that an inventory may set: unknown names, and what no type can say of their values. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .checks import Check, Misfit
from .problem import Problem, wrong_value, wrong_variable
from .registry import LEVELS
from .searches import SEARCHES

MARK = "sandbox_"
# Read by the playbooks, not by a role.
OF_PLAYBOOKS: Mapping[str, Mapping[str, Any]] = {
    "sandbox_allow_rollback": {"type": "bool", "default": False},
    "sandbox_level": {"type": "int", "default": 1},
    "sandbox_rollback_force": {"type": "bool", "default": False},
    "sandbox_rollback_packages": {"type": "bool", "default": False},
}
# Set by tasks of ours.
OF_TASKS = frozenset({"sandbox_facts", "sandbox_unproven"})


def find_unknown(names: Collection[str], known: Collection[str]) -> Iterator[Problem]:
    """Names with our mark that no role and no playbook reads: nobody would notice that they do nothing."""
    all_known = sorted({*known, *OF_TASKS})
    for name in sorted(set(names) - set(all_known)):
        nearest = difflib.get_close_matches(name, all_known, n=1, cutoff=0.6)
        next_step = f"did you mean {nearest[0]}?" if nearest else "remove it, or give it another prefix"
        yield wrong_variable(name, "a name that no role knows", "a variable of the roles", next_step)


def find_malformed(values: Mapping[str, Any]) -> Iterator[Problem]:
    """Values that are of the right type and still make no sense. `values`: with the roles' own ROLE_DATA."""
    for name, check in _CHECKS.items():
        if name in values:
            misfit = check(values[name])
            if misfit is not None:
                yield wrong_value(name, misfit.value, misfit.expected, misfit.place)
    for search in SEARCHES:
        if search.malformed:
            yield from search.malformed(values)


def _check_level(value: Any) -> Misfit | None:
    is_level = str(value) in map(str, LEVELS)
    return None if is_level else Misfit(f"0 to {LEVELS[-1]}; this release knows no higher level", value)


_CHECKS: Mapping[str, Check] = {
    "sandbox_level": _check_level,
    **{name: check for search in SEARCHES for name, check in search.checks.items()},
}
