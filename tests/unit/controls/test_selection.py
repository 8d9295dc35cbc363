"""Tags pick work, never its order, and never without what it stands on."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.descriptor import IMAGE
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.selection import (
    TAGS,
    Selection,
    find_misselected,
    is_selected,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.registry import CONTROLS
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO

ALL = tuple(control.owner.control for control in CONTROLS)
LEVEL_1 = tuple(control.owner.control for control in CONTROLS if control.owner.phase == 1)


def told(selection: Selection, level: int = 2, applied: tuple[str, ...] = ()) -> list[str]:
    return [str(problem) for problem in find_misselected(selection, level, applied)]


@pytest.mark.parametrize(
    ("tags", "applied"),
    [
        (("all",), ()),
        (("tagged",), ()),
        (("always",), ()),
        (("phase1",), ()),
        (("phase1", "phase2"), ()),
        (("phase2",), LEVEL_1),
        (("agent",), ()),
        (("agent", "kernel", "docker"), ()),
        (("docker", "kernel", "agent"), ()),
        (("egress",), ALL),
        (("userns",), LEVEL_1),
        (("seccomp", "userns"), LEVEL_1),
    ],
)
def test_what_stands_on_what_is_there(tags: tuple[str, ...], applied: tuple[str, ...]) -> None:
    assert told(Selection(tags), 2, applied) == []


@pytest.mark.parametrize(
    ("tags", "applied", "expected"),
    [
        (("kernel",), (), "--tags kernel: found a host without agent, expected what comes before it"),
        (
            ("egress",),
            ("agent", "kernel"),
            "without packages, docker, image, expected what comes before it; add --tags docker,image",
        ),
        (("phase2",), LEVEL_1[:-1], "--tags phase2: found a host without container"),
        (("apparmor",), LEVEL_1, "without subids, userns, docker_objects, seccomp"),
    ],
)
def test_what_is_not_there_is_named(tags: tuple[str, ...], applied: tuple[str, ...], expected: str) -> None:
    (problem,) = told(Selection(tags), 2, applied)
    assert expected in problem


def test_a_tag_that_no_task_has_is_refused_with_the_nearest() -> None:
    assert "--tags egres: found a tag that no task has" in told(Selection(("egres",)), 1, ALL)[0]
    assert "did you mean egress?" in told(Selection(("egres",)), 1, ALL)[0]
    assert "did you mean phase2?" in told(Selection(skipped=("phase_2",)), 1, ALL)[0]
    # What is done in any case can not be left out.
    assert "--skip-tags always" in told(Selection(skipped=("always",)), 1, ALL)[0]


def test_nothing_of_the_level_is_left_out() -> None:
    (problem,) = told(Selection(skipped=("userns",)), 2, ALL)
    assert problem == (
        "--skip-tags userns: found subids, userns, docker_objects would be left out, expected every control of level 2;"
        " leave it in, or ask for a lower level"
    )
    assert told(Selection(skipped=("userns",)), 1, LEVEL_1) == []


def test_every_role_of_a_control_has_its_tags_in_the_playbook() -> None:
    text = (REPO / "playbooks" / "site.yml").read_text(encoding="utf-8")
    for control in CONTROLS:
        role = control.role or control.owner.control
        assert f"tags: [phase{control.owner.phase}, {role}]" in text
    assert set(TAGS) >= {"phase1", "phase2", "agent", "userns"}


@pytest.mark.parametrize(
    ("tags", "skipped", "is_picked"),
    [
        (("all",), (), True),
        (("phase1",), (), True),
        (("image", "egress"), (), True),
        (("imgae",), (), True),
        (("egress",), (), False),
        (("always",), (), False),
        (("all",), ("image",), False),
    ],
)
def test_the_image_is_picked(tags: tuple[str, ...], skipped: tuple[str, ...], is_picked: bool) -> None:
    """As far as it can be told: nothing is kept back because of a tag that nobody knows."""
    assert is_selected(IMAGE, Selection(tags, skipped)) == is_picked
