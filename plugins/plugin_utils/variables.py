"""The variables of a host, from inventory and command line: rendered, typed, and what is wrong with them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.utils.vars import combine_vars, load_extra_vars

from ansible_collections.ably.sandbox.plugins.module_utils._controls.problem import (
    Problem,
    wrong_value,
    wrong_variable,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.searches import PREFLIGHT_VARIABLES, ROLE_DATA
from ansible_collections.ably.sandbox.plugins.module_utils._controls.variables import (
    OF_PLAYBOOKS,
    UNREADABLE,
    find_malformed,
    is_for_us,
    sort_unknown,
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
_WORD = re.compile(r"\w+")
# Python takes a number with a line break for one; a template would have both.
_NUMBERS = ("int", "float", "bool")
_ROLES = Path(__file__).resolve().parents[2] / "roles"
# A role that is not going to run needs nothing, and what it would do without is its own business.
_NOT_HERE = ("required", "default", "description", "version_added")


@dataclass(frozen=True)
class Variables:
    """`options`: all that there are. `typed`: those that are given and of the right type, converted as Ansible converts
    them. `notes`: what does no harm, and is told.
    """

    options: Mapping[str, Any]
    typed: Mapping[str, Any]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def read_variables(templar: Any, loader: Any, given: Mapping[str, Any], required: object) -> Variables:
    """`templar`, `loader`: the action's own. `given`: all variables of a host; those that are for us are looked at.

    `required`: those that have to be set, from the task. Raises AnsibleActionFail where that is no list of names.
    """
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        raise AnsibleActionFail(f"required: expected a list of names, found {required!r}")
    options = load_options()
    ours = {name: value for name, value in given.items() if is_for_us(name, options)}
    problems, notes = sort_unknown(ours, options, load_extra_vars(loader))
    values: dict[str, Any] = {}
    for name in sorted(set(ours) & set(options)):
        try:
            values[name] = templar.template(ours[name])
        except AnsibleError as error:
            problems.append(wrong_variable(name, str(error), "a template that can be rendered", "correct it"))
    typed, wrong = check_types(values, options)
    malformed = find_malformed(combine_vars({**load_data(), **defaults_of(options)}, typed))
    found = drop_consequences((*problems, *wrong, *malformed), ours)
    return Variables(options, typed, (*find_missing(ours, required), *found), tuple(notes))


def drop_consequences(problems: Collection[Problem], given: Mapping[str, Any]) -> list[Problem]:
    """Without those of variables whose template reads one that is wrong as it was written: nothing is wrong there."""
    templates = {name: value for name, value in given.items() if isinstance(value, str) and "{{" in value}
    causes = {problem.variable for problem in problems} - {"", *templates}
    words = {name: set(_WORD.findall(text)) for name, text in templates.items()}
    return [problem for problem in problems if causes.isdisjoint(words.get(problem.variable, ()))]


def choose_variables(
    typed: Mapping[str, Any], problems: Iterable[Problem], options: Mapping[str, Any]
) -> dict[str, Any]:
    """What preflight looks at: as given, else the role's default. For a wrong one as well: the rest is still looked at.

    Where Ansible is set to merge tables (hash_behaviour), the role has its default's other keys as well.
    """
    wrong = {problem.variable for problem in problems}
    given = {name: typed[name] for name in PREFLIGHT_VARIABLES if name in typed and name not in wrong}
    found: dict[str, Any] = combine_vars({name: options[name]["default"] for name in PREFLIGHT_VARIABLES}, given)
    return found


def find_missing(given: Iterable[str], required: Iterable[str]) -> list[Problem]:
    """Those that a playbook does nothing without."""
    there = set(given)
    return [
        wrong_variable(name, "no value", "a value", f"set it in the inventory, or with -e {name}=…")
        for name in required
        if name not in there
    ]


def load_options(roles: Path = _ROLES) -> dict[str, Any]:
    """Every option of every role's `main` entry point, as its argument spec has it, and those of the playbooks."""
    options: dict[str, Any] = dict(OF_PLAYBOOKS)
    for path in sorted(roles.glob("*/meta/argument_specs.yml")):
        specs = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]
        options.update(specs["main"].get("options") or {})
    return options


def defaults_of(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: option["default"] for name, option in options.items() if "default" in option}


def load_data(roles: Path = _ROLES) -> dict[str, Any]:
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
        converted, messages = _convert(name, value, spec)
        if messages or (spec["type"] in _NUMBERS and not str(value).isprintable()):
            problems.append(wrong_value(name, value, _describe(spec, messages)))
        elif isinstance(converted, Mapping) and not all(isinstance(key, str) for key in converted):
            problems.append(wrong_value(name, value, "a table whose keys are texts"))
        else:
            typed[name] = converted
    return typed, problems


def _convert(name: str, value: object, spec: Mapping[str, Any]) -> tuple[Any, list[str]]:
    """The value as Ansible converts it, and what it says against it, of some values by a bare exception."""
    try:
        result = ArgumentSpecValidator({name: spec}).validate({name: value})
    except UNREADABLE as error:
        return None, [f"{_TYPES[spec['type']]} that Ansible can read ({error})"]
    return result.validated_parameters.get(name), result.error_messages


def _without_value(name: str, option: Mapping[str, Any]) -> Problem:
    next_step = f"give it one, or leave the variable out for its default, {json.dumps(option['default'])}"
    return wrong_variable(name, "no value (null)", _TYPES[option["type"]], next_step)


def _describe(spec: Mapping[str, Any], messages: list[str]) -> str:
    """What is expected: the choices, or the type; where the fault lies deeper, Ansible's own words."""
    if "choices" in spec:
        return f"one of {', '.join(map(str, spec['choices']))}"
    return "; ".join(messages) if "options" in spec else _TYPES.get(spec.get("type", "str"), spec.get("type", "str"))
