"""From the module's parameters to the control `container`. What sessions would be is judged before it is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._controls.container.control import container_control, render_fragments
from .._controls.container.spec import read_fragment
from .._controls.program.control import FRAGMENTS
from .._controls.registry import KEYS, parse_spec
from .._engine.errors import SandboxError
from .._engine.resources import Control

ARGUMENTS: dict[str, Any] = {
    "fragments": {"type": "dict", "required": True},
    "units": {"type": "dict", "required": True},
    "users": {"type": "list", "elements": "str", "default": []},
    "gid": {"type": "int", "required": True},
}
# What other controls of this level give; without them a specification is not complete, and a plan still makes sense.
_OTHERS = ("00-image.json", "12-network.json")


def container_of(params: Mapping[str, Any]) -> Control:
    """Raises SandboxError for fragments that no session could be started from, together with those on the host."""
    ours = render_fragments(params["fragments"])
    for name, text in ours.items():
        read_fragment(name, text, KEYS)
    whole = {**_fragments_on_host(), **ours}
    if all(name in whole for name in _OTHERS):
        parse_spec(whole)
    return container_control(params["fragments"], params["units"], params["users"], params["gid"])


def _fragments_on_host() -> dict[str, str]:
    try:
        return {path.name: path.read_text(encoding="utf-8") for path in Path(FRAGMENTS).glob("*.json")}
    except (OSError, UnicodeDecodeError) as error:
        raise SandboxError(f"{FRAGMENTS}: cannot be read: {error}") from error
