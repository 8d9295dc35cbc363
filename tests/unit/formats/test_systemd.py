"""What systemd says about units, from its recorded output."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._formats.resource_facts import UnitFacts
from ansible_collections.ably.sandbox.plugins.module_utils._formats.systemd import UnitStatus, parse_show, plan_commands
from ansible_collections.ably.sandbox.tests.unit.case_files import read_case

NAMES_257 = ("docker.service", "dbus.service", "nosuch.service", "fails.service", "cron.service", "docker.socket")
NAMES_252 = ("systemd-timesyncd.service", *NAMES_257[1:5], "dbus.socket")
OFF = UnitStatus("a.service", "loaded", "inactive", "disabled", False, "", "0")
ON = replace(OFF, active="active", enabled="enabled", invocation="1", changed="9")
FAILING = replace(ON, active="activating", sub="auto-restart")


@pytest.mark.parametrize(("case", "names"), [("257", NAMES_257), ("252", NAMES_252)])
def test_every_kind_of_unit_is_read(case: str, names: tuple[str, ...]) -> None:
    first, running, missing, failed, masked, socket = parse_show(read_case(f"systemd/show-{case}.txt"), names)
    assert running.facts == UnitFacts(enabled="static", active="active")
    assert missing.facts == UnitFacts(enabled="disabled", active="inactive")
    assert missing.load == "not-found"
    assert failed.facts == UnitFacts(enabled="disabled", active="inactive")
    assert failed.is_stale
    assert not running.is_stale
    assert masked.facts == UnitFacts(enabled="masked", active="inactive")
    assert socket.is_active
    assert [status.name for status in (first, running)] == list(names[:2])


def test_an_enabled_unit_is_read() -> None:
    docker = parse_show(read_case("systemd/show-257.txt"), NAMES_257)[0]
    assert docker.facts == UnitFacts(enabled="enabled", active="active")
    assert docker.token == "e8c566b8de624361a092583151b2d394 3232551514"


def test_a_missing_block_is_an_error() -> None:
    with pytest.raises(SandboxError, match="expected 7 units, found 6"):
        parse_show(read_case("systemd/show-257.txt"), (*NAMES_257, "one.more"))


@pytest.mark.parametrize("active", ["activating", "reloading", "refreshing", "active"])
def test_a_unit_on_its_way_up_counts_as_active(active: str) -> None:
    assert replace(OFF, active=active).is_active


def test_a_unit_that_ends_again_and_again_is_not_active() -> None:
    assert not FAILING.is_active
    assert FAILING.facts == UnitFacts(enabled="enabled", active="inactive")


@pytest.mark.parametrize(
    ("before", "desired", "calls"),
    [
        (OFF, UnitFacts(enabled="enabled", active="active"), "enable start"),
        (ON, UnitFacts(enabled="disabled", active="inactive"), "stop disable"),
        (ON, UnitFacts(enabled="enabled", active="active"), ""),
        (ON, UnitFacts(active="inactive"), "stop"),
        (OFF, UnitFacts(enabled="masked"), "mask"),
        (ON, UnitFacts(enabled="masked", active="inactive"), "stop mask"),
        (replace(OFF, enabled="masked"), UnitFacts(enabled="enabled", active="active"), "unmask enable start"),
        (replace(OFF, active="failed"), UnitFacts(active="active"), "reset-failed start"),
        (replace(OFF, active="failed"), UnitFacts(active="inactive"), ""),
        (FAILING, UnitFacts(active="active"), "start"),
        (FAILING, UnitFacts(enabled="disabled", active="inactive"), "stop disable"),
        (replace(OFF, load="not-found", enabled=""), UnitFacts(enabled="disabled", active="inactive"), ""),
        (replace(OFF, enabled="static"), UnitFacts(enabled="static", active="active"), "start"),
    ],
)
def test_the_calls_from_here_to_there(before: UnitStatus, desired: UnitFacts, calls: str) -> None:
    assert [call[0] for call in plan_commands(before, desired)] == calls.split()


def test_what_a_file_decides_is_not_asked_of_systemctl() -> None:
    with pytest.raises(SandboxError, match="a matter of its file"):
        plan_commands(OFF, UnitFacts(enabled="static"))
