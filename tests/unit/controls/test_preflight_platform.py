"""Which hosts are worked on: Debian 13 on amd64, others on request, and the rest never."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.problems import find_notes
from ansible_collections.ably.sandbox.plugins.module_utils._formats.os_release import Distribution
from ansible_collections.ably.sandbox.tests.unit.controls.test_preflight import FACTS, NEEDS, said
from ansible_collections.ably.sandbox.tests.unit.needs import make_needs

OLDER = Distribution("debian", "12", "Debian 12")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"distribution": Distribution("fedora", "41", "Fedora 41")},
            "distribution: found Fedora 41, expected Debian 13; use it; Debian 12, Ubuntu 22.04 and 24.04 can be",
        ),
        ({"distribution": Distribution("debian", "", "sid")}, "distribution: found sid"),
        (
            {"distribution": OLDER},
            "distribution: found Debian 12, expected Debian 13; use it, or set sandbox_allow_untested: true",
        ),
        (
            {"distribution": Distribution("ubuntu", "22.04", "Ubuntu 22.04.5 LTS")},
            "distribution: found Ubuntu 22.04.5 LTS, expected Debian 13; use it, or set sandbox_allow_untested: true",
        ),
        ({"architecture": "aarch64"}, "architecture: found aarch64, expected x86_64 (amd64); use such a host"),
    ],
)
def test_another_platform_is_refused_in_one_sentence(changes: dict[str, Any], expected: str) -> None:
    (problem,) = said(replace(FACTS, **changes))
    assert problem.startswith(expected)


def test_an_untested_distribution_can_be_allowed() -> None:
    needs = make_needs(allow_untested=True)
    facts = replace(FACTS, distribution=OLDER)
    assert said(facts, needs) == []
    assert find_notes(facts, needs) == ("Debian 12 is untested; Debian 13 is what the sandbox is made for",)
    unknown = replace(FACTS, distribution=Distribution("fedora", "41", "Fedora Linux 41"))
    assert said(unknown, needs) == [
        (
            "distribution: found Fedora Linux 41, expected Debian 13; use it; Debian 12, Ubuntu 22.04 and 24.04 can be "
            "allowed, others cannot"
        )
    ]


def test_an_untested_host_that_works_is_only_told() -> None:
    facts = replace(FACTS, level=1, distribution=OLDER)
    assert said(facts) == []
    assert [note.partition(":")[0] for note in find_notes(facts, NEEDS)] == ["distribution"]
