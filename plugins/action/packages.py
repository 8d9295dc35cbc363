"""The controller's half of `ably.sandbox.packages`: says each minute for whom the host waits."""

from __future__ import annotations

import time
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

_MODULE = "ably.sandbox.packages"


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """One module execution, and one more for each minute that another package manager is at work."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        since = time.monotonic()
        while True:
            waited = int(time.monotonic() - since)
            result = self._execute({**self._task.args, "waited": waited}, task_vars)
            holder = result.get("held_by")
            if not holder:
                return result
            self._say(holder, int(time.monotonic() - since), task_vars or {})

    def _say(self, holder: str, waited: int, task_vars: dict[str, Any]) -> None:
        """As soon as it is known: the task's own result comes when the wait is over."""
        host = task_vars.get("inventory_hostname", "")
        Display().display(
            f"[{host}]: packages: waiting for {holder}, {waited} of {self._task.args['lock_wait']} s", color="purple"
        )

    def _execute(self, arguments: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        result: dict[str, Any] = self._execute_module(module_name=_MODULE, module_args=arguments, task_vars=task_vars)
        return result
