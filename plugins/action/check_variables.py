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
        # A finding that a working host is spared is one of something that is not applied here.
        refused = [problem for problem in variables.problems if not problem.spares_working_hosts]
        notes = [*variables.notes, *(str(one) for one in variables.problems if one.spares_working_hosts)]
        found = {"problems": list(map(asdict, refused)), "notes": notes}
        if refused:
            return {"failed": True, "msg": render_report(refused), **found}
        return {"changed": False, "warnings": notes, **found}
