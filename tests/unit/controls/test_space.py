"""Room where a run puts things: of each file system, what it gets of what this run still brings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.problems import find_notes
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.space import (
    ARCHIVES,
    IMAGE,
    PACKAGES,
    Space,
)
from ansible_collections.ably.sandbox.tests.unit.controls.test_preflight import (
    FACTS,
    LEVEL_2,
    NEEDS,
    RUNNING,
    said,
    space,
)

CASES: list[tuple[dict[str, Any], str]] = [
    (
        {"space": space(1 << 30)},
        "disk space in /apt, /usr, /docker: found 1024 MiB, expected 2048 MiB for packages' archives and packages and",
    ),
    ({"space": space(10 << 30, 5)}, "inodes of the file system of /apt, /usr, /docker: found 5 free, expected 32768"),
    (
        {"space": {**space(10 << 30), IMAGE: [Space("/data/docker", 2, 1 << 29)]}},
        "disk space in /data/docker: found 512 MiB, expected 1024 MiB for the image; make room there",
    ),
    (
        {"space": {**space(10 << 30), IMAGE: [Space("/docker", 1, 10 << 30), Space("/new", 2, 10 << 30, 7)]}},
        "inodes of the file system of /new: found 7 free, expected 16384 for the image",
    ),
    (
        {"space": {**space(10 << 30), PACKAGES: [Space("/usr", 3, 127 << 20)]}, "docker": RUNNING},
        "disk space in /usr: found 127 MiB, expected 128 MiB for packages",
    ),
    (
        {"space": {**space(10 << 30), ARCHIVES: [Space("/ram", 3, 1 << 20)]}},
        "disk space in /ram: found 1 MiB, expected 256 MiB for packages' archives",
    ),
]


@pytest.mark.parametrize(("changes", "expected"), CASES)
def test_too_little_room(changes: dict[str, Any], expected: str) -> None:
    (found,) = said(replace(FACTS, **changes))
    assert found.startswith(expected)


@pytest.mark.parametrize(
    "changes",
    [
        {"space": space(300 << 20), "level": 1, "applied": ("image",), "missing_packages": ()},
        {"space": space(0, 0), "level": 1, "applied": ("image",), "missing_packages": ()},
        {"space": {**space(10 << 30), IMAGE: [Space("/full", 2, 0)]}, "applied": ("image",)},
        {"space": {**space(10 << 30), ARCHIVES: [Space("/ram", 3, 32 << 20)]}, "docker": RUNNING},
        {"space": {**space(0), IMAGE: [Space("/data/docker", 2, 1 << 30)]}, "missing_packages": ()},
    ],
)
def test_what_this_run_does_not_bring_needs_no_room(changes: dict[str, Any]) -> None:
    assert said(replace(FACTS, **changes)) == []


@pytest.mark.parametrize(
    ("mib", "level", "expected"),
    [
        (1023, 1, "disk space in /kept, /docker: found 1023 MiB, expected 1024 MiB for the image that level 2 keeps"),
        (1024, 1, ""),
        (2047, 0, "disk space in /apt, /usr, /docker, /kept: found 2047 MiB, expected 2048 MiB"),
        (2048, 0, ""),
    ],
)
def test_room_for_level_2(mib: int, level: int, expected: str) -> None:
    there = {"applied": ("image",), "missing_packages": ()} if level else {}
    found = said(replace(FACTS, space=space(mib << 20), level=level, **there), LEVEL_2)
    assert [text[: len(expected)] for text in found] == ([expected] if expected else [])


def test_a_working_host_with_a_full_disk_is_told() -> None:
    facts = replace(FACTS, space=space(0, 0), level=1, applied=("image",), missing_packages=())
    assert said(facts) == []
    assert [note.split(";")[0] for note in find_notes(facts, NEEDS)] == [
        "disk space in /docker: found 0 MiB, expected 256 MiB for what may come",
        "inodes of the file system of /docker: found 0 free, expected 4096 for what may come",
    ]
    assert said(replace(facts, lacking=("kernel",)))[0].startswith("disk space in /docker: found 0 MiB")
