"""The controller's half of commit-confirm: a risky control is confirmed over a connection that did not exist before."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

_CONFIRM = "ably.sandbox.confirm"


class OnTrialAction(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """Runs the module of the same name, and confirms what it has put on trial."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        result = self._execute(self._task.action, self._task.args, task_vars)
        if not result.get("trial"):
            return result
        confirmed = self._confirm(result["trial"], task_vars)
        if confirmed.get("failed"):
            return {**confirmed, "changed": True}
        return {**result, "trial": ""}

    def _confirm(self, trial: str, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        """A shared connection (ControlPersist) stays up where a new one is refused: it is closed first."""
        self._connection.reset()
        is_remote = self._connection.transport != "local"
        try:
            return self._execute(_CONFIRM, {"trial": trial, "new_connection": is_remote}, task_vars)
        except AnsibleConnectionFailure as error:
            raise AnsibleConnectionFailure(
                f"{self._task.action}: its changes could not be confirmed over a new connection, "
                f"and the host takes them back by itself: {error}"
            ) from error

    def _execute(self, module: str, arguments: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        result: dict[str, Any] = self._execute_module(module_name=module, module_args=arguments, task_vars=task_vars)
        return result
