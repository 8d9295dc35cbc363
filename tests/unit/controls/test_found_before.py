"""What was found of the variables and of the controller, before a host was looked at, is in the host's one report."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.problems import (
    find_notes,
    find_problems,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.selection import EVERYTHING, Selection
from ansible_collections.ably.sandbox.plugins.module_utils._controls.problem import Found, Problem
from ansible_collections.ably.sandbox.plugins.module_utils._controls.registry import CONTROLS
from ansible_collections.ably.sandbox.tests.unit.controls.test_preflight import FACTS, NEEDS
from ansible_collections.ably.sandbox.tests.unit.needs import make_needs

WRONG = Problem("variable x", "a", "b", "c", "x")
UNUSED = Problem("variable y", "a", "b", "c", "y", spares_working_hosts=True)
LACKING = Problem("controller: program npm", "none", "it", "install it", spares_working_hosts=True)
BEFORE = Found([WRONG, UNUSED], [LACKING])
WORKING = replace(FACTS, level=1, applied=tuple(one.owner.control for one in CONTROLS if one.owner.phase == 1))


def test_a_host_that_has_to_be_changed_is_refused() -> None:
    rootless = replace(FACTS, is_root=False)
    *found, last = find_problems(rootless, NEEDS, EVERYTHING, BEFORE)
    assert found == [WRONG, UNUSED, LACKING]
    assert last.what == "user"
    assert not set(map(str, found)) & set(find_notes(FACTS, NEEDS, BEFORE))


def test_a_working_host_is_told() -> None:
    assert find_problems(WORKING, NEEDS, EVERYTHING, BEFORE) == (WRONG,)
    assert {str(UNUSED), str(LACKING)} <= set(find_notes(WORKING, NEEDS, BEFORE))


def test_a_line_that_docker_cannot_read_is_told_where_the_range_is_ours() -> None:
    needs, line = make_needs(level=2), "/etc/subuid line 3: 'x'"
    changes = {"level": 2, "applied": tuple(one.owner.control for one in CONTROLS), "malformed_ids": (line,)}
    assert not [one for one in find_problems(replace(FACTS, **changes), needs) if line in str(one)]
    assert [note for note in find_notes(replace(FACTS, **changes), needs) if line in note]


def test_the_controller_counts_where_the_image_is_brought() -> None:
    assert LACKING not in find_problems(FACTS, NEEDS, Selection(("agent",)), BEFORE)
    assert find_problems(FACTS, make_needs(level=0), EVERYTHING, BEFORE) == (WRONG,)
