"""The variables of the control `egress`, and the name that the proof looks up: what the control itself would say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..problem import Problem, wrong_value, wrong_variable
from .names import EgressError, read_allowed_name
from .policy import PARAMETERS, parse_policy
from .probe import DEFAULT_NAME, is_admitted

_PREFIX = "sandbox_egress_"
# The one parameter that is another control's variable.
_SESSIONS = {"sessions": "sandbox_container_sessions"}
# What has a check of its own.
_CHECKED = ("sessions",)


def variable_of(parameter: str) -> str:
    return _SESSIONS.get(parameter, _PREFIX + parameter)


def find_malformed(values: Mapping[str, Any]) -> Iterator[Problem]:
    """Asked when all that the policy reads is given."""
    params = {name: values.get(variable_of(name)) for name in PARAMETERS}
    try:
        if all(value is not None for value in params.values()):
            parse_policy(params)
    except EgressError as error:
        for fault in (fault for fault in error.faults if fault.key not in _CHECKED):
            yield wrong_variable(variable_of(fault.key), fault.found, fault.expected, place=fault.place)
    yield from _in_verify(values)


def _in_verify(values: Mapping[str, Any]) -> Iterator[Problem]:
    """The default may be no allowed name: another one is chosen then. One that was asked for has to be."""
    name, allowed = values.get("sandbox_verify_name"), values.get("sandbox_egress_allowed_names")
    if not name or name == DEFAULT_NAME or not allowed:
        return
    try:
        is_allowed = is_admitted(name, map(read_allowed_name, allowed))
    except EgressError:
        return  # told already, with the name that is wrong
    if not is_allowed:
        yield wrong_value("sandbox_verify_name", name, "one of sandbox_egress_allowed_names, or empty")
