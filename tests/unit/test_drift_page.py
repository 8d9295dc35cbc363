"""The page of drift has a row for each kind of resource that can drift, and for each line of `ably-sandbox status`."""

from __future__ import annotations

import ast
import re

from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Reversibility
from ansible_collections.ably.sandbox.plugins.module_utils._system.local_host import PROVIDERS
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO, parse
from ansible_collections.ably.sandbox.tests.unit.golden.rendering import make_controls

PAGE = (REPO / "docs" / "drift.md").read_text(encoding="utf-8")
# Made of what is in Docker, which the golden controls have not got.
CARRIED = {"remapped_image"}
KINDS, LINES = re.split("^## (?:Each kind|What else .*)$", PAGE, flags=re.MULTILINE)[1:]


def rows(part: str) -> set[str]:
    return set(re.findall(r"^\| `([^`]+)` \|", part, re.MULTILINE))


def written() -> set[str]:
    """What is wished and remembered: nothing else is ever compared."""
    wishes = [wish for control in make_controls({}) for wish in control.wishes if wish.state is not None]
    return {wish.resource.kind for wish in wishes if wish.reversibility is not Reversibility.NONE} | CARRIED


def test_each_kind_that_can_drift_has_a_row() -> None:
    assert rows(KINDS) == written()


def test_of_all_others_it_is_said_why_they_have_none() -> None:
    others = {name for name in re.findall(r"`(\w+)`", KINDS.partition("\nOnly on ")[2]) if name in PROVIDERS}
    assert others == set(PROVIDERS) - written()


def test_each_line_of_the_status_has_a_row() -> None:
    strings = [node.value for node in ast.walk(parse("plugins/module_utils/_agent/status.py")) if _is_text(node)]
    labels = {found[1] for text in strings if (found := re.match(r"([a-z ]+:) +", text))}
    assert len(labels) > 5
    assert rows(LINES) == labels


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
