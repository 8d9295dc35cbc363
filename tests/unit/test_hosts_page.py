"""The page of hosts as people have them: where it says that something is shown, there is something that shows it."""

from __future__ import annotations

import re
from collections import Counter

from ansible_collections.ably.sandbox.tests.unit.checkout import REPO

PAGE = (REPO / "docs" / "dev" / "hosts.md").read_text(encoding="utf-8")


def test_what_shows_it_is_there() -> None:
    shown_by = [cell for cell in re.findall(r"\| ([^|]+) \|$", PAGE, re.MULTILINE) if "/" in cell]
    assert len(shown_by) > 50
    for place in (place for cell in shown_by for place in re.split("[,;] ", cell)):
        assert (REPO / place if place.startswith("molecule/") else REPO / "tests" / place).exists(), place


def test_there_are_three_more_of_each_kind() -> None:
    own = PAGE.partition("## Of our own")[2]
    assert Counter(re.findall(r"^\| (\d) \|", own, re.MULTILINE)) == {str(kind): 3 for kind in range(1, 10)}
