"""What `site` does before it applies a level: it goes down to it, and settles a trial."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.tests.unit.controller.stand import Controller

STAND_INS = {"action": ("preflight_info",), "modules": ("rollback", "confirm")}
HERE = "here ansible_become=false"


@pytest.mark.parametrize("allowed", ["y", "t", "true"])
def test_a_host_that_preflight_lets_down_goes_down(tmp_path: Path, allowed: str) -> None:
    """Preflight reads `y` and `t` as an argument of Ansible's, and not as its filter `bool` does."""
    controller = Controller(tmp_path, stand_ins=STAND_INS)
    status, output = controller.play(
        [f"{HERE} stand_level=2"], "-e", f"sandbox_level=0 sandbox_allow_rollback={allowed}"
    )
    assert status == 0, output
    (asked,) = controller.logged("rollback")
    assert asked["to_level"] == 0


@pytest.mark.parametrize("level", [0, 1])
def test_a_host_that_is_there_does_not_go_down(tmp_path: Path, level: int) -> None:
    controller = Controller(tmp_path, stand_ins=STAND_INS)
    given = f"sandbox_level={level} sandbox_verify=never"
    status, output = controller.play([f"{HERE} stand_level={level}"], "-e", given, "--tags", "x")
    assert status == 0, output
    assert controller.logged("rollback") == []


@pytest.mark.parametrize("connection", ["local", "ansible.builtin.local"])
def test_a_local_connection_is_never_a_new_one(tmp_path: Path, connection: str) -> None:
    controller = Controller(tmp_path, stand_ins=STAND_INS)
    given = f"sandbox_level=0 ansible_connection={connection}"
    status, output = controller.play([f"{HERE} stand_trial=userns"], "-e", given)
    assert status == 0, output
    assert controller.logged("confirm") == [{"settle": True, "new_connection": False}]
