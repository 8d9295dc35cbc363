"""The table of what ends open sessions has each unit that a run of the playbook restarts or reloads."""

from __future__ import annotations

import re

import pytest

from ansible_collections.ably.sandbox.tests.unit.checkout import REPO
from ansible_collections.ably.sandbox.tests.unit.golden.rendering import make_controls

PAGE = (REPO / "docs" / "upgrading.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("## What ends open sessions\n")[2].partition("\n## ")[0]
LIVE = {
    (activation.verb, activation.unit)
    for control in make_controls({})
    for wish in control.wishes
    for activation in wish.activates
    if activation.verb in {"restart", "reload"}
}


@pytest.mark.parametrize(("verb", "unit"), sorted(LIVE))
def test_each_unit_that_a_run_restarts_or_reloads_has_a_row(verb: str, unit: str) -> None:
    name = re.escape(unit.removesuffix(".service"))
    assert re.search(rf"^\| .*\b{verb}\b[^|]*`{name}`", TABLE, re.MULTILINE)
