"""The variables of the control `apparmor`: what the control itself would say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..checks import PATH
from ..problem import Problem, wrong_variable
from .profile import AppArmorError, parse_apparmor_policy

_HOME = "sandbox_container_home_directory"
VARIABLES = {
    "executables": "sandbox_apparmor_executables",
    "executables_additional": "sandbox_apparmor_executables_additional",
    "home_directory": _HOME,
    "libraries_additional": "sandbox_apparmor_libraries_additional",
    "readable_folders": "sandbox_apparmor_readable_folders",
}


def find_malformed(values: Mapping[str, Any]) -> Iterator[Problem]:
    """Asked when all that the profile is made of is given."""
    params = {parameter: values.get(name) for parameter, name in VARIABLES.items()}
    if any(value is None for value in params.values()):
        return
    try:
        parse_apparmor_policy(params)
    except AppArmorError as error:
        for fault in error.faults:
            name = VARIABLES[fault.key]
            # What is no path at all is told by the control whose variable it is.
            if name != _HOME or PATH(values[_HOME]) is None:
                yield wrong_variable(name, fault.found, fault.expected, place=fault.place)
