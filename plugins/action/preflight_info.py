"""The controller's half of `ably.sandbox.preflight_info`: checks the variables, which only the controller knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.needs import Problem
from ansible_collections.ably.sandbox.plugins.module_utils._controls.variables import (
    MARK,
    OF_PLAYBOOKS,
    find_malformed,
    find_unknown,
    wrong_value,
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
_MODULE = "ably.sandbox.preflight_info"
_ROLES = Path(__file__).resolve().parents[2] / "roles"
# What the module is told of the variables. A wrong one is not passed on: the module reports on all the rest.
_ARGUMENT_OF = {
    "sandbox_level": "level",
    "sandbox_allow_rollback": "allow_rollback",
    "sandbox_egress_subnet": "subnet",
    "sandbox_egress_proxy_uid": "proxy_uid",
    "sandbox_container_uid_base": "uid_base",
    "sandbox_container_sessions": "sessions",
    "sandbox_container_gid": "gid",
    "sandbox_userns_uid": "remap_uid",
    "sandbox_userns_first_id": "remap_first_id",
    "sandbox_docker_packages": "packages",
    "sandbox_docker_daemon_config": "daemon_keys",
    "sandbox_kernel_left_out": "kernel_left_out",
    "sandbox_kernel_confirmed": "kernel_confirmed",
    "sandbox_preflight_disk_mib": "disk_mib",
    "sandbox_preflight_allow_containers": "allow_containers",
}
# A role that is not going to run needs nothing, and what it would do without is its own business.
_NOT_HERE = ("required", "default", "description", "version_added")


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """One module execution, which is told what is wrong with the variables and reports it with all the rest."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        given = {name: value for name, value in (task_vars or {}).items() if name.startswith(MARK)}
        problems = self._find_problems(given, {**OF_PLAYBOOKS, **load_options(_ROLES)})
        wrong = {_ARGUMENT_OF.get(problem.what.partition(" ")[2]) for problem in problems}
        arguments = {name: value for name, value in self._task.args.items() if name not in wrong}
        arguments["variable_problems"] = [asdict(problem) for problem in problems]
        result: dict[str, Any] = self._execute_module(module_name=_MODULE, module_args=arguments, task_vars=task_vars)
        return result

    def _find_problems(self, given: Mapping[str, Any], options: Mapping[str, Any]) -> list[Problem]:
        values: dict[str, Any] = {}
        problems = list(find_unknown(given, options))
        for name in sorted(set(given) & set(options)):
            try:
                values[name] = self._templar.template(given[name])
            except AnsibleError as error:
                problems.append(
                    Problem(f"variable {name}", str(error), "a template that can be rendered", "correct it")
                )
        typed, wrong = check_types(values, options)
        return [*problems, *wrong, *find_malformed(typed)]


def load_options(roles: Path) -> dict[str, Any]:
    """Every option of every role's `main` entry point, as its argument spec has it."""
    options: dict[str, Any] = {}
    for path in sorted(roles.glob("*/meta/argument_specs.yml")):
        specs = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]
        options.update(specs["main"].get("options") or {})
    return options


def check_types(values: Mapping[str, Any], options: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The values of the right type, converted as Ansible converts them; and what is wrong with the others."""
    typed: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in values.items():
        spec = {key: setting for key, setting in options[name].items() if key not in _NOT_HERE}
        result = ArgumentSpecValidator({name: spec}).validate({name: value})
        if result.error_messages:
            problems.append(wrong_value(name, value, _describe(spec, result.error_messages)))
        else:
            typed[name] = result.validated_parameters[name]
    return typed, problems


def _describe(spec: Mapping[str, Any], messages: list[str]) -> str:
    """What is expected: the choices, or the type; where the fault lies deeper, Ansible's own words."""
    if "choices" in spec:
        return f"one of {', '.join(map(str, spec['choices']))}"
    return "; ".join(messages) if "options" in spec else _TYPES.get(spec.get("type", "str"), spec.get("type", "str"))
