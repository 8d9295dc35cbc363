"""What a play says that it changes: in check mode beforehand, and when it does it."""

from __future__ import annotations

import re
from pathlib import Path

from support.host import play

# A line for each change, or for neighbours of which the same is said: `create KIND NAME, NAME (promise): in words`.
_CHANGED = re.compile(r"^(?:create|change|remove) (\w+) (.+?)(?: \((?:best effort|none)\))?: ", re.MULTILINE)


def tell_plan(variables: Path) -> set[str]:
    """The resources that `site` would change, by check mode."""
    return _site(variables, "--check")


def reach(variables: Path) -> set[str]:
    """Runs `site`; returns the resources that it has changed."""
    return _site(variables)


def _site(variables: Path, *arguments: str) -> set[str]:
    status, output = play("site", variables, "--diff", *arguments)
    assert status == 0, output
    return {f"{kind} {name}" for kind, names in _CHANGED.findall(output) for name in names.split(", ")}
