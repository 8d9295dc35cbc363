"""What the role `container` makes of its variables, as numbers and as the texts that a command line gives."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.container import ARGUMENTS
from ansible_collections.ably.sandbox.plugins.module_utils._controls.container.control import render_fragments
from ansible_collections.ably.sandbox.plugins.module_utils._controls.container.facts import FACTS_ARGUMENTS, PREFIX
from ansible_collections.ably.sandbox.plugins.module_utils._controls.container.spec import read_fragment
from ansible_collections.ably.sandbox.plugins.module_utils._controls.names import NAMES
from ansible_collections.ably.sandbox.plugins.module_utils._controls.registry import KEYS
from ansible_collections.ably.sandbox.tests.role_templates import render_container
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO

ROLE = REPO / "roles" / "container"
LOADER = DataLoader()
GIVEN: dict[str, Any] = {
    "sandbox_container_any_command": True,
    "sandbox_container_cpus": 0.5,
    "sandbox_container_open_files": 512,
    "sandbox_container_pids": 60,
    "sandbox_container_runtime_max": 1800,
    "sandbox_container_sessions": 5,
    "sandbox_container_total_cpus": 1.5,
    "sandbox_container_uid_base": 50000,
}
# `-e name=value` makes a text of every value.
AS_TEXT = {name: str(value) for name, value in GIVEN.items()}


def load(path: str) -> Any:
    return LOADER.load_from_file(str(ROLE / path), trusted_as_template=True)


def templar(given: dict[str, Any]) -> Templar:
    return Templar(LOADER, variables={**load("defaults/main.yml"), "__names": NAMES, **given})


def render_unit(name: str, given: dict[str, Any]) -> list[str]:
    bounds = {key: templar(given).template(trust_as_template(f"{{{{ {PREFIX}{key} }}}}")) for key in FACTS_ARGUMENTS}
    return render_container(f"{name}.j2", bounds).splitlines()


@pytest.mark.parametrize("given", [GIVEN, AS_TEXT], ids=["numbers", "texts"])
def test_the_specification_has_numbers(given: dict[str, Any]) -> None:
    task = load("tasks/main.yml")[0]["ably.sandbox.container"]
    settings = {name: templar(given).template(text) for name, text in task.items() if "lookup(" not in text}
    typed = ArgumentSpecValidator({name: ARGUMENTS[name] for name in settings}).validate(settings)
    assert not typed.error_messages
    read = {
        said.key: said.value
        for name, text in render_fragments(typed.validated_parameters).items()
        for said in read_fragment(name, text, KEYS)
    }
    assert (read["any_command"], read["cpus"], read["pids"]) == (True, 500_000_000, 60)
    assert (read["sessions"], read["uid_base"], read["ulimits"]["nofile"]) == (5, 50000, 512)


@pytest.mark.parametrize("given", [GIVEN, AS_TEXT], ids=["numbers", "texts"])
def test_the_units_have_numbers(given: dict[str, Any]) -> None:
    slice_lines = render_unit("sandbox.slice", given)
    assert {"CPUQuota=150%", "TasksMax=300", "MemoryMax=75%"} <= set(slice_lines)
    assert {"MaxConnectionsPerSource=13", "MaxConnections=52"} <= set(render_unit("session.socket", given))
    assert "RuntimeMaxSec=1800" in render_unit("session@.service", given)


@pytest.mark.parametrize(("memory", "line"), [("512m", "512M"), ("8g", "8G"), ("8G", "8G"), (1 << 30, "1073741824")])
def test_memory_is_said_in_units_that_systemd_knows(memory: object, line: str) -> None:
    lines = render_unit("sandbox.slice", {"sandbox_container_total_memory": memory})
    assert f"MemoryMax={line}" in lines


@pytest.mark.parametrize("cpus", [0.29, "0.29"])
def test_a_hundredth_of_a_processor_is_not_lost_to_rounding(cpus: object) -> None:
    assert "CPUQuota=29%" in render_unit("sandbox.slice", {"sandbox_container_total_cpus": cpus})
