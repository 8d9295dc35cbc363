"""The variables of the control `seccomp`: what no type can say of their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..._formats.system_calls import SYSTEM_CALLS
from ..checks import says
from ..problem import Problem, wrong_value, wrong_variable
from ..unknown import suggest
from .calls import CALL_ARGUMENTS, parse_calls
from .profile import ADDITIONAL, parse_additional

# Parameter to where the role has it.
_DATA = {parameter: f"__seccomp_{parameter}" for parameter in CALL_ARGUMENTS}
DATA = tuple(_DATA.values())


def find_malformed(values: Mapping[str, Any]) -> Iterator[Problem]:
    """`values`: with the role's own lists, which say what an operator need not, or must not, add."""
    if ADDITIONAL not in values:
        return
    calls = parse_calls({parameter: values[name] for parameter, name in _DATA.items()})
    misfit = says(lambda names: parse_additional(names, calls), "names of system calls")(values[ADDITIONAL])
    if misfit is not None:
        yield wrong_value(ADDITIONAL, misfit.value, misfit.expected)
        return
    for place, name in enumerate(values[ADDITIONAL]):
        if name not in SYSTEM_CALLS:
            next_step = suggest(name, SYSTEM_CALLS, "take it out")
            problem = wrong_variable(ADDITIONAL, repr(name), "a system call of Linux", next_step, f"[{place}]")
            # Below level 2 nothing has read it yet.
            yield replace(problem, spares_working_hosts=True)
