"""A host's level by the controls that it has, also by those that a later release adds."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.registry import (
    CONTROLS,
    LEDGER_NAMES,
    LEVELS,
    find_lacking,
    level_reached,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.searches import SEARCHES
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Owner
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO

MODULE_UTILS = "ansible_collections.ably.sandbox.plugins.module_utils"

ALL = [control.owner for control in CONTROLS]
PHASES = [[owner for owner in ALL if owner.phase == level] for level in LEVELS[1:]]
FIRST, SECOND = PHASES[:2]
# What release 0.1.0 had, in its order.
RELEASE = ("agent", "packages", "docker", "image", "egress", "container")


def test_the_phases_follow_each_other_and_no_control_is_there_twice() -> None:
    assert sorted(ALL, key=lambda owner: owner.phase) == ALL
    assert len(set(ALL)) == len(ALL)


def test_no_name_in_the_ledger_is_two_controls() -> None:
    names = {owner.control for owner in ALL}
    assert not names & set(LEDGER_NAMES.values())
    assert len(set(LEDGER_NAMES.values())) == len(LEDGER_NAMES)


def test_every_control_s_search_is_collected_in_the_registry_s_order() -> None:
    rooms = sorted((REPO / "plugins/module_utils/_controls").glob("*/search.py"))
    modules = [import_module(f"{MODULE_UTILS}._controls.{path.parent.name}.search") for path in rooms]
    assert {search.control.owner for search in SEARCHES} == {
        search.control.owner for module in modules for search in module.SEARCHES
    }
    order = [control.owner for control in CONTROLS]
    assert [search.control.owner for search in SEARCHES] == sorted((s.control.owner for s in SEARCHES), key=order.index)


@pytest.mark.parametrize("count", range(len(ALL) + 1))
def test_a_phase_is_reached_with_all_its_controls(count: int) -> None:
    expected = sum(count >= sum(map(len, PHASES[:level])) for level in LEVELS[1:])
    assert level_reached(ALL[:count]) == expected
    assert find_lacking(ALL[:count]) == ()


def test_a_host_of_an_earlier_release_keeps_its_level_and_is_told_what_it_lacks() -> None:
    there = [Owner(1, control) for control in RELEASE]
    assert (level_reached(there), find_lacking(there)) == (1, ("kernel",))
    there += SECOND
    assert (level_reached(there), find_lacking(there)) == (2, ("kernel",))


@pytest.mark.parametrize("control", [*RELEASE, *(owner.control for owner in SECOND)])
def test_a_control_that_every_release_has_is_not_lacking_without_a_level(control: str) -> None:
    there = [owner for owner in ALL if owner.control != control]
    assert level_reached(there) == (0 if control in RELEASE else 1)
    assert find_lacking(there) == ()


def test_the_second_phase_alone_is_no_level() -> None:
    assert level_reached(SECOND) == 0
    assert find_lacking([Owner(2, "apparmor")]) == ()


def test_the_page_of_controls_has_all_of_them_in_their_order() -> None:
    page = (REPO / "docs" / "controls.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_]+)` \| `([a-z_]+)` \|", page, re.MULTILINE)
    assert rows == [(control.owner.control, control.role or control.owner.control) for control in CONTROLS]
