"""What `--check --diff` prints of a host that has nothing: few enough lines to be read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.control_module import result_of
from ansible_collections.ably.sandbox.plugins.module_utils._controls.kernel.control import kernel_control
from ansible_collections.ably.sandbox.plugins.module_utils._controls.kernel.items import SYSCTLS
from ansible_collections.ably.sandbox.plugins.module_utils._controls.registry import CONTROLS
from ansible_collections.ably.sandbox.plugins.module_utils._controls.userns.control import docker_objects_control
from ansible_collections.ably.sandbox.plugins.module_utils._engine.changes import Outcome, plan
from ansible_collections.ably.sandbox.plugins.module_utils._engine.diffs import render_diffs
from ansible_collections.ably.sandbox.plugins.module_utils._engine.ledger import Ledger
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control, Resource
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change
from ansible_collections.ably.sandbox.plugins.module_utils._formats.resource_facts import (
    DockerImageFacts,
    FileFacts,
    SysctlFacts,
    UnitFacts,
)
from ansible_collections.ably.sandbox.plugins.module_utils._system.activations import arrange_activations
from ansible_collections.ably.sandbox.plugins.module_utils._system.local_host import LocalHost
from ansible_collections.ably.sandbox.tests.role_templates import render_module_rules
from ansible_collections.ably.sandbox.tests.unit.golden.rendering import IMAGE, make_controls

MOST_LINES = 80
LONGEST = 400
IMAGE_NAME = "ably-sandbox/session:1"
SECCOMP = "/etc/ably-sandbox/seccomp.json"


def level_2() -> Iterator[Control]:
    """Each control once, with everything that one may have to change."""
    made = {control.owner: control for control in reversed(list(make_controls({})))}
    open_all = dict.fromkeys(SYSCTLS, "open")
    closed = kernel_control([], open_all, {}, render_module_rules([]))
    objects = docker_objects_control({IMAGE_NAME: DockerImageFacts(IMAGE)})
    whole = {**made, closed.owner: closed, objects.owner: objects}
    return (whole[control.owner] for control in CONTROLS)


def bare(resource: Resource) -> State:
    """Nothing is there, but for what there always is."""
    always = {"unit": UnitFacts("disabled", "inactive").state, "sysctl": SysctlFacts("open").state}
    return always.get(resource.kind, ABSENT)


def outcome_of(control: Control) -> Outcome:
    observed = {wish.resource: bare(wish.resource) for wish in control.wishes}
    return Outcome(control.owner, plan(control, observed, Ledger(), arrange_activations))


def told(outcomes: Sequence[Outcome]) -> list[str]:
    """As Ansible's own callback prints it: what each task has prepared, and the end of its last line."""
    tasks = [result_of((outcome,))["diff"] for outcome in outcomes]
    return "".join("".join(diff["prepared"] for diff in task) + "\n" for task in tasks).splitlines()


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return told([outcome_of(control) for control in level_2()])


def test_the_plan_of_level_2_can_be_read(lines: list[str]) -> None:
    assert len(lines) <= MOST_LINES, "\n".join(lines)
    assert not [line for line in lines if len(line) > LONGEST]


def test_every_resource_is_in_it(lines: list[str]) -> None:
    changes = [change for control in level_2() for change in outcome_of(control).plan.changes]
    assert len(changes) > MOST_LINES
    text = " ".join(lines)
    assert not [str(change.resource) for change in changes if change.resource.name not in text]


def test_what_becomes_of_others_files_is_shown_whole(lines: list[str]) -> None:
    assert 'create json_key /etc/docker/daemon.json#runtimes/ably-sandbox: {"path": "/usr/bin/crun"}' in lines
    first, second = (f"/etc/{table}#ably-sandbox-remap" for table in ("subuid", "subgid"))
    assert f"create table_entry {first}, {second}: ably-sandbox-remap:1879048192:65536" in lines
    keys = ", ".join(f"/etc/docker/daemon.json#{key}" for key in ("live-restore", "no-new-privileges"))
    assert f"create json_key {keys}: value true" in lines
    assert "create table_entry /etc/shadow#ably-sandbox-remap: (hidden)" in lines


def test_the_filter_of_system_calls_is_its_counts(lines: list[str]) -> None:
    (line,) = [line for line in lines if SECCOMP in line]
    allowed, killed = count(seccomp_profile(), "SCMP_ACT_ALLOW"), count(seccomp_profile(), "SCMP_ACT_KILL_PROCESS")
    assert line.startswith(f"create file {SECCOMP}: content {allowed} allowed (")
    assert f"1 refused with errno 38, {killed} killed over, all other system calls refused with errno 1" in line


def seccomp_profile() -> str:
    resources = {wish.resource.name: wish.state for control in level_2() for wish in control.wishes}
    return str((resources[SECCOMP] or ABSENT).fact("content"))


def count(profile: str, action: str) -> int:
    entries = json.loads(profile)["syscalls"]
    return len({name for entry in entries if entry["action"] == action for name in entry["names"]})


def test_a_second_run_shows_the_lines_that_change() -> None:
    text = seccomp_profile()
    before = FileFacts(type="file", content=text, mode=0o644, uid=0, gid=0, mtime_ns=1).state
    after = FileFacts(type="file", content=text.replace('"read"', '"another"'), mode=0o640, uid=0, gid=0).state
    change = Change(Resource("file", SECCOMP), before, replace(after, facts={**(after.facts or {}), "mode": 0o664}))
    (diff,) = render_diffs([change], LocalHost())
    first, *rest = diff["prepared"].splitlines()
    assert first.endswith(" lines, mode 0644 -> 0664")
    assert [line.split()[0][:1] for line in rest] == ["@", "-", "+"]
