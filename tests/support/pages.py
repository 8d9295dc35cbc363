"""The lines that the README and the quick start have their reader type on the controller, by what they are for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[2]
README, QUICK_START = _REPOSITORY / "README.md", _REPOSITORY / "docs" / "quick-start.md"
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PROMPT = "$ "
# By the first that is found in a line.
_STEPS = {
    "ably.sandbox.rollback": "rollback",
    "ably.sandbox.status": "status",
    "sandbox_level=1": "level 1",
    "sandbox_level=2": "level 2",
    "": "install",
}


def read_lines(page: Path) -> list[str]:
    """In their order, without what stands before them."""
    blocks = _BLOCK.findall(page.read_text(encoding="utf-8"))
    return [line.removeprefix(_PROMPT) for block in blocks for line in block.splitlines()]


def lines_of(step: str, lines: Sequence[str]) -> list[str]:
    """`step`: one of `install`, `level 1`, `level 2`, `status`, `rollback`. Every line belongs to one of them."""
    return [line for line in lines if next(value for key, value in _STEPS.items() if key in line) == step]
