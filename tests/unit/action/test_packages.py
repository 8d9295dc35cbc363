"""The controller's half of `packages`: calls again while another is at work, and says for whom it waits."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action import ActionBase

from ansible_collections.ably.sandbox.plugins.action import packages

BUSY = {"changed": False, "held_by": "process 4127 (unattended-upgrade)"}


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(packages.Display, "display", lambda _self, text, **_more: lines.append(text))
    monkeypatch.setattr(ActionBase, "run", lambda *_given: {})
    return lines


def run(results: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], list[int]]:
    """The action's result, and how long each execution of the module was told that it has been waited."""
    waited: list[int] = []
    clock = [1000.0]

    def execute(*, module_args: dict[str, Any], **_more: Any) -> dict[str, Any]:
        waited.append(module_args["waited"])
        clock[0] += 61
        return results[len(waited) - 1]

    action = packages.ActionModule.__new__(packages.ActionModule)
    action._task = SimpleNamespace(args={"names": ["haproxy"], "lock_wait": 600}, async_val=0)
    action._execute_module = execute
    monkeypatch.setattr(packages.time, "monotonic", lambda: clock[0])
    return action.run(task_vars={"inventory_hostname": "web1"}), waited


def test_one_execution_where_nobody_is_at_work(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run([{"changed": True}], monkeypatch) == ({"changed": True}, [0])
    assert said == []


def test_each_minute_one_line_names_who_is(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    failed = {"failed": True, "msg": "packages: process 4127 holds ..."}
    assert run([BUSY, BUSY, failed], monkeypatch) == (failed, [0, 61, 122])
    assert said == [
        "[web1]: packages: waiting for process 4127 (unattended-upgrade), 61 of 600 s",
        "[web1]: packages: waiting for process 4127 (unattended-upgrade), 122 of 600 s",
    ]
