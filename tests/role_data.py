"""What the roles have as data, as a play gives it to their modules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.calls import CALL_ARGUMENTS, parse_calls

ROLES = Path(__file__).resolve().parents[1] / "roles"


def load_vars(role: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROLES / role / "vars" / "main.yml").read_text(encoding="utf-8"))
    return found


SECCOMP = {name: load_vars("seccomp")[f"__seccomp_{name}"] for name in CALL_ARGUMENTS}
CALLS = parse_calls(SECCOMP)
