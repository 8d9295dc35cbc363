"""What the README has its reader type is what the quick start has, which the scenarios type on a host."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.tests.support.pages import QUICK_START, README, lines_of, read_lines

# Those that a scenario types: all of `level1`, but for the second level, which `level2` types.
TYPED = ("install", "level 1", "level 2", "status", "rollback")


def test_the_lines_of_the_readme_are_those_of_the_quick_start_in_its_order() -> None:
    quick = iter(read_lines(QUICK_START))
    assert [line for line in read_lines(README) if line not in quick] == []


@pytest.mark.parametrize("step", TYPED)
def test_every_step_has_lines(step: str) -> None:
    assert lines_of(step, read_lines(QUICK_START))


def test_every_line_is_typed_by_a_scenario() -> None:
    lines = read_lines(QUICK_START)
    assert sorted(line for step in TYPED for line in lines_of(step, lines)) == sorted(lines)
    # The plan comes first, and changes nothing.
    for step in ("level 1", "level 2", "rollback"):
        ahead, done = lines_of(step, lines)
        assert ahead == f"{done} --check --diff"
