"""The controller's half of `ably.sandbox.preflight_info`: checks the variables, which only the controller knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ansible import context
from ansible.errors import AnsibleActionFail

from ansible_collections.ably.sandbox.plugins.plugin_utils.first_contact import FirstContactAction
from ansible_collections.ably.sandbox.plugins.plugin_utils.variables import (
    choose_variables,
    read_variables,
)


class ActionModule(FirstContactAction):
    """One module execution, which is told what is wrong with the variables and reports it with all the rest."""

    def more_arguments(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        given = {**task_vars, **self._given()}
        variables = read_variables(self._templar, self._loader, given, self._task.args.get("required", []))
        return {
            "tags": list(context.CLIARGS.get("tags") or ["all"]),
            "skip_tags": list(context.CLIARGS.get("skip_tags") or []),
            "variables": choose_variables(variables.typed, variables.problems, variables.options),
            "variable_problems": [asdict(problem) for problem in variables.problems],
            "variable_notes": list(variables.notes),
        }

    def _given(self) -> Mapping[str, Any]:
        """Those of the task itself."""
        variables = self._task.args.get("variables") or {}
        if not isinstance(variables, Mapping):
            raise AnsibleActionFail(f"preflight_info: variables: expected a table, found {variables!r}")
        return variables
