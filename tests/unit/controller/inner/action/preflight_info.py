"""Finds nothing wrong: the stand's hosts are this machine, whatever it is."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """The level and the trial of a host are `stand_level` and `stand_trial`."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        given = task_vars or {}
        host = {"level": int(given.get("stand_level", 0)), "on_trial": given.get("stand_trial", "")}
        return {"changed": False, "ansible_facts": {"sandbox_facts": host, "sandbox_unproven": ""}}
