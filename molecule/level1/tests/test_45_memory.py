"""When memory is short a session goes before the host does, and nothing in it can put that off (more: level 2)."""

from __future__ import annotations

from support.host import Host
from support.places import assert_no_child_takes_a_better_place, assert_nobody_takes_a_better_place


def test_nobody_takes_a_better_place(level1: Host) -> None:
    assert_nobody_takes_a_better_place(level1)


def test_a_command_that_forks_at_once_has_no_child_with_a_better_place(level1: Host) -> None:
    assert_no_child_takes_a_better_place(level1)
