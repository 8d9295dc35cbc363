"""The controller's half of `ably.sandbox.preflight_info`: checks the variables, which only the controller knows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.ably.sandbox.plugins.module_utils._controls.problem import (
    Problem,
    wrong_value,
    wrong_variable,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.searches import PREFLIGHT_VARIABLES, ROLE_DATA
from ansible_collections.ably.sandbox.plugins.module_utils._controls.variables import (
    MARK,
    OF_PLAYBOOKS,
    find_malformed,
    find_unknown,
)

_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a text",
    "path": "a path",
    "list": "a list",
    "dict": "a table",
}
# Python takes a number with a line break for one; a template would have both.
_NUMBERS = ("int", "float", "bool")
_MODULE = "ably.sandbox.preflight_info"
_ROLES = Path(__file__).resolve().parents[2] / "roles"
# A role that is not going to run needs nothing, and what it would do without is its own business.
_NOT_HERE = ("required", "default", "description", "version_added")


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """One module execution, which is told what is wrong with the variables and reports it with all the rest."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        options = {**OF_PLAYBOOKS, **load_options(_ROLES)}
        given = {name: value for name, value in (task_vars or {}).items() if name.startswith(MARK)}
        given.update(self._given())
        typed, problems = self._read(given, options)
        problems += find_malformed({**load_data(_ROLES), **defaults_of(options), **typed})
        arguments = {
            **self._task.args,
            "variables": choose_variables(typed, problems, options),
            "variable_problems": [asdict(problem) for problem in problems],
        }
        result: dict[str, Any] = self._execute_module(module_name=_MODULE, module_args=arguments, task_vars=task_vars)
        return result

    def _given(self) -> Mapping[str, Any]:
        """Those of the task itself."""
        variables = self._task.args.get("variables") or {}
        if not isinstance(variables, Mapping):
            raise AnsibleActionFail(f"preflight_info: variables: expected a table, found {variables!r}")
        return variables

    def _read(self, given: Mapping[str, Any], options: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
        """The values of the right type, rendered, and what is wrong with the others."""
        values: dict[str, Any] = {}
        problems = list(find_unknown(given, options))
        for name in sorted(set(given) & set(options)):
            try:
                values[name] = self._templar.template(given[name])
            except AnsibleError as error:
                problems.append(wrong_variable(name, str(error), "a template that can be rendered", "correct it"))
        typed, wrong = check_types(values, options)
        return typed, [*problems, *wrong]


def choose_variables(
    typed: Mapping[str, Any], problems: Iterable[Problem], options: Mapping[str, Any]
) -> dict[str, Any]:
    """What preflight looks at: as given, else the role's default. A wrong one as well: the rest is still looked at."""
    wrong = {problem.variable for problem in problems}
    return {
        name: typed[name] if name in typed and name not in wrong else options[name]["default"]
        for name in PREFLIGHT_VARIABLES
    }


def load_options(roles: Path) -> dict[str, Any]:
    """Every option of every role's `main` entry point, as its argument spec has it."""
    options: dict[str, Any] = {}
    for path in sorted(roles.glob("*/meta/argument_specs.yml")):
        specs = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]
        options.update(specs["main"].get("options") or {})
    return options


def defaults_of(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: option["default"] for name, option in options.items() if "default" in option}


def load_data(roles: Path) -> dict[str, Any]:
    """What searches read of the roles' own data: what a play has of it from their `vars`."""
    found: dict[str, Any] = {}
    for path in sorted(roles.glob("*/vars/main.yml")):
        found.update(yaml.safe_load(path.read_text(encoding="utf-8")))
    return {name: found[name] for name in ROLE_DATA}


def check_types(values: Mapping[str, Any], options: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The values of the right type, converted as Ansible converts them; and what is wrong with the others."""
    typed: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in values.items():
        if value is None and options[name].get("default") is not None:
            problems.append(_without_value(name, options[name]))
            continue
        spec = {key: setting for key, setting in options[name].items() if key not in _NOT_HERE}
        result = ArgumentSpecValidator({name: spec}).validate({name: value})
        if result.error_messages or (spec["type"] in _NUMBERS and not str(value).isprintable()):
            problems.append(wrong_value(name, value, _describe(spec, result.error_messages)))
        else:
            typed[name] = result.validated_parameters[name]
    return typed, problems


def _without_value(name: str, option: Mapping[str, Any]) -> Problem:
    next_step = f"give it one, or leave the variable out for its default, {json.dumps(option['default'])}"
    return wrong_variable(name, "no value (null)", _TYPES[option["type"]], next_step)


def _describe(spec: Mapping[str, Any], messages: list[str]) -> str:
    """What is expected: the choices, or the type; where the fault lies deeper, Ansible's own words."""
    if "choices" in spec:
        return f"one of {', '.join(map(str, spec['choices']))}"
    return "; ".join(messages) if "options" in spec else _TYPES.get(spec.get("type", "str"), spec.get("type", "str"))
