"""The controller's half of `ably.sandbox.image_archive`: on the controller, the module is not needed."""

from __future__ import annotations

import os
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.image_archive import (
    ARGUMENTS,
    ensure_image,
    result_of,
)
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError

_MODULE = "ably.sandbox.image_archive"


class ActionModule(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """No module execution where the task is delegated to the controller, one elsewhere.

    A variable beats what a task says, on the command line everything: with `ansible_become` the image would be built as
    root, with `ansible_connection` on another machine. None of them has a say in what happens here.
    """

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        if self._task.delegate_to not in constants.LOCALHOST:
            result: dict[str, Any] = self._execute_module(module_name=_MODULE, task_vars=task_vars)
            return result
        _unused, given = self.validate_argument_spec(ARGUMENTS)
        # Where a module of the controller would have written it.
        given["path"] = os.path.join(self._loader.get_basedir(), given["path"])
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        # This process is the task's own, and ends with it.
        os.environ.update({name: str(value) for name, value in environment.items()})
        try:
            changed, image = ensure_image(given, only_tell=self._task.check_mode)
        except SandboxError as error:
            raise AnsibleActionFail(str(error)) from error
        return result_of(given["path"], changed, image)
