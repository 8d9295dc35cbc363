"""`ably.sandbox.check_variables`, all of which happens on the controller: only it knows the variables."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.problems import render_report
from ansible_collections.ably.sandbox.plugins.plugin_utils.variables import read_variables


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """No module execution."""

    _VALID_ARGS = frozenset({"required"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        variables = read_variables(self._templar, self._loader, task_vars or {}, self._task.args.get("required", []))
        found = {"problems": list(map(asdict, variables.problems)), "notes": list(variables.notes)}
        if variables.problems:
            return {"failed": True, "msg": render_report(variables.problems), **found}
        return {"changed": False, "warnings": list(variables.notes), **found}
