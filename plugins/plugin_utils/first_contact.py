"""The first module that a playbook runs on a host: a Python that is too old even for Ansible ends in a sentence."""

from __future__ import annotations

import re
import shlex
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase

from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.problems import OLDEST_PYTHON

_VERSION = re.compile(r"^(\d+)\.(\d+)\.\d+$", re.MULTILINE)
_ASK = "import sys; print('%d.%d.%d' % sys.version_info[:3])"


class FirstContactAction(ActionBase):  # type: ignore[misc]  # ansible-core ships no types
    """Runs the module of the same name, once."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        known = task_vars or {}
        return self._execute({**self._task.args, **self.more_arguments(known)}, known)

    def more_arguments(self, _task_vars: dict[str, Any]) -> dict[str, Any]:
        """What the module is given besides the task's own."""
        return {}

    def _execute(self, arguments: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """What the module answers; where its Python could not even read what Ansible puts around it, why."""
        result: dict[str, Any] = self._execute_module(
            module_name=self._task.action, module_args=arguments, task_vars=task_vars
        )
        if "SyntaxError" not in str(result.get("module_stderr", "")):
            return result
        interpreter = self._interpreter(task_vars)
        asked = self._low_level_execute_command(f"{interpreter} -c {shlex.quote(_ASK)}", sudoable=False)
        found = _VERSION.search(asked["stdout"])
        if found is None or tuple(map(int, found.groups())) >= OLDEST_PYTHON:
            return result
        oldest = ".".join(map(str, OLDEST_PYTHON))
        return {
            "failed": True,
            "msg": f"python: found {found.group()} ({interpreter}), expected {oldest} or newer; "
            "set ansible_python_interpreter to one. Nothing was changed.",
        }

    def _interpreter(self, task_vars: dict[str, Any]) -> str:
        named = task_vars.get("ansible_python_interpreter") or constants.config.get_config_value("INTERPRETER_PYTHON")
        interpreter = str(self._templar.template(named))
        if not interpreter.startswith("auto"):
            return interpreter
        facts = task_vars.get("ansible_facts", {})
        return str(self._discovered_interpreter or facts.get("discovered_interpreter_python", "/usr/bin/python3"))
