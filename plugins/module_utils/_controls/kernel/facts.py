"""What the template of the role `kernel` is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .control import COMMAND
from .items import check_items, closed_modules

# As an argument spec.
FACTS_ARGUMENTS: dict[str, Any] = {"left_out": {"type": "list", "elements": "str", "default": []}}


def template_facts(params: Mapping[str, Any]) -> dict[str, Any]:
    """`modules`: in the order of their items; `command`: what is run instead of loading one. Raises SandboxError."""
    check_items("left_out", params["left_out"])
    return {"modules": list(closed_modules(params["left_out"])), "command": COMMAND}
