"""Finds nothing wrong: the stand's hosts are this machine, whatever it is."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        facts = {"sandbox_facts": {"level": 0, "on_trial": ""}, "sandbox_unproven": ""}
        return {"changed": False, "ansible_facts": facts}
