"""`ably.sandbox.controller_info`, all of which happens on the controller."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.controller import (
    ImageNeed,
    find_controller_problems,
)
from ansible_collections.ably.sandbox.plugins.module_utils._system.controller import read_controller


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """No module execution."""

    _VALID_ARGS = frozenset({"needs"})

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        needs = [ImageNeed(**need) for need in self._task.args["needs"]]
        problems = find_controller_problems(needs, read_controller(needs))
        return {"changed": False, "problems": list(map(asdict, problems))}
