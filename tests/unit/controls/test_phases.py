"""A host's level by the controls that it has, also by those that a later release adds."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.phases import PHASES, find_lacking, level_reached
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Owner

ALL = [Owner(phase, control) for phase, controls in PHASES.items() for control in controls]
# What release 0.1.0 had, in its order.
RELEASE = ("program", "packages", "docker", "image", "egress", "container")


@pytest.mark.parametrize("count", range(len(ALL) + 1))
def test_a_phase_is_reached_with_all_its_controls(count: int) -> None:
    first = len(PHASES[1])
    expected = 0 if count < first else 1 if count < len(ALL) else 2
    assert level_reached(ALL[:count]) == expected
    assert find_lacking(ALL[:count]) == ()


def test_a_host_of_an_earlier_release_keeps_its_level_and_is_told_what_it_lacks() -> None:
    there = [Owner(1, control) for control in RELEASE]
    assert (level_reached(there), find_lacking(there)) == (1, ("kernel",))
    there += [Owner(2, control) for control in PHASES[2]]
    assert (level_reached(there), find_lacking(there)) == (2, ("kernel",))


@pytest.mark.parametrize("control", [*RELEASE, *PHASES[2]])
def test_a_control_that_every_release_has_is_not_lacking_without_a_level(control: str) -> None:
    there = [owner for owner in ALL if owner.control != control]
    assert level_reached(there) == (0 if control in RELEASE else 1)
    assert find_lacking(there) == ()


def test_the_second_phase_alone_is_no_level() -> None:
    assert level_reached([Owner(2, control) for control in PHASES[2]]) == 0
    assert find_lacking([Owner(2, "apparmor")]) == ()
