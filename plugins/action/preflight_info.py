"""The controller's half of `ably.sandbox.preflight_info`: checks the variables, which only the controller knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ansible import context
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.ably.sandbox.plugins.plugin_utils.variables import (
    choose_variables,
    read_variables,
)

_MODULE = "ably.sandbox.preflight_info"


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """One module execution, which is told what is wrong with the variables and reports it with all the rest."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        given = {**(task_vars or {}), **self._given()}
        variables = read_variables(self._templar, self._loader, given, self._task.args.get("required", []))
        arguments = {
            **self._task.args,
            "tags": list(context.CLIARGS.get("tags") or ["all"]),
            "skip_tags": list(context.CLIARGS.get("skip_tags") or []),
            "variables": choose_variables(variables.typed, variables.problems, variables.options),
            "variable_problems": [asdict(problem) for problem in variables.problems],
            "variable_notes": list(variables.notes),
        }
        result: dict[str, Any] = self._execute_module(module_name=_MODULE, module_args=arguments, task_vars=task_vars)
        return result

    def _given(self) -> Mapping[str, Any]:
        """Those of the task itself."""
        variables = self._task.args.get("variables") or {}
        if not isinstance(variables, Mapping):
            raise AnsibleActionFail(f"preflight_info: variables: expected a table, found {variables!r}")
        return variables
