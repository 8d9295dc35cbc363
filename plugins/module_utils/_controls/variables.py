"""The variables that an inventory may set: unknown names, and what no type can say of their values. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from .checks import Check, Misfit
from .problem import Problem, wrong_value, wrong_variable
from .registry import LEVELS
from .searches import SEARCHES
from .unknown import is_near, suggest

MARK = "sandbox_"
# Read by the playbooks, not by a role.
OF_PLAYBOOKS: Mapping[str, Mapping[str, Any]] = {
    "sandbox_allow_rollback": {"type": "bool", "default": False},
    "sandbox_allow_untested": {"type": "bool", "default": False},
    "sandbox_hosts": {"type": "str", "default": "sandbox"},
    "sandbox_level": {"type": "int", "default": 1},
    "sandbox_rollback_force": {"type": "bool", "default": False},
    "sandbox_rollback_packages": {"type": "bool", "default": False},
}
# What Python says to a value of another shape than the one that was thought of: a number without end, a key of no text.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
# Set by tasks of ours.
OF_TASKS = frozenset({"sandbox_facts", "sandbox_unproven"})


def is_for_us(name: str, known: Iterable[str]) -> bool:
    """Whether a variable has our mark, or would have it but for a misspelling."""
    return name.startswith(MARK) or any(is_near(name, public) for public in known)


def sort_unknown(
    names: Iterable[str], known: Collection[str], by_hand: Collection[str]
) -> tuple[list[Problem], list[str]]:
    """Names for us that no role and no playbook reads: those that are refused, and a note on the others.

    Refused is what was meant for us, because nobody would notice that it does nothing: a name that begins like one of
    ours, one that differs from one of ours by two letters at most, and one that was given `by_hand`, on the command
    line. Others may have an inventory of theirs with names such as `sandbox_vpc_id`.
    """
    unknown = sorted(set(names) - set(known) - OF_TASKS)
    begins = tuple({f"{MARK}{name.split('_')[1]}_" for name in known if name.count("_") > 1})
    meant = [
        name
        for name in unknown
        if name.startswith(begins) or name in by_hand or any(is_near(name, public) for public in known)
    ]
    others = [name for name in unknown if name not in meant]
    notes = [f"no role knows {', '.join(others)}; if {'they are' if others[1:] else 'it is'} yours, all is well"]
    return [_unknown(name, known) for name in meant], notes if others else []


def _unknown(name: str, known: Collection[str]) -> Problem:
    next_step = suggest(name, known, "remove it, or give it another prefix")
    return wrong_variable(name, "a name that no role knows", "a variable of the roles", next_step)


def find_malformed(values: Mapping[str, Any]) -> Iterator[Problem]:
    """Values that are of the right type and still make no sense. `values`: with the roles' own ROLE_DATA."""
    for name, check in _CHECKS.items():
        if name in values:
            misfit = _judge(check, values[name])
            if misfit is not None:
                yield wrong_value(name, misfit.value, misfit.expected, misfit.place)
    for search in SEARCHES:
        if search.malformed:
            yield from search.malformed(values)


def _judge(check: Check, value: Any) -> Misfit | None:
    """What no check has thought of is no reason to leave all the others out of the report."""
    try:
        return check(value)
    except UNREADABLE as error:
        return Misfit(f"a value that can be checked ({error})", value)


def _check_level(value: Any) -> Misfit | None:
    is_level = str(value) in map(str, LEVELS)
    return None if is_level else Misfit(f"0 to {LEVELS[-1]}; this release knows no higher level", value)


_CHECKS: Mapping[str, Check] = {
    "sandbox_level": _check_level,
    **{name: check for search in SEARCHES for name, check in search.checks.items()},
}
