"""From the module's parameters to the control `container`. What sessions would be is judged before it is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._controls.container.control import SERVICE, SOCKET, container_control, render_fragments
from .._controls.container.spec import read_fragment
from .._controls.names import FRAGMENTS, SLICE
from .._controls.registry import KEYS, parse_spec
from .._engine.resources import Control
from .._system.fragments import read_fragments

_TEXT = {"type": "str", "required": True}
_NUMBER = {"type": "int", "required": True}
_TEXTS = {"type": "list", "elements": "str"}
_BIND = {"source": _TEXT, "target": _TEXT}
_UNITS = {"slice_unit": SLICE, "socket_unit": SOCKET, "service_unit": SERVICE}
_SIZES = ("home_size", "tmp_size", "run_size", "shm_size", "file_size", "memory")
ARGUMENTS: dict[str, Any] = {
    "command": {**_TEXTS, "required": True},
    "any_command": {"type": "bool", "default": False},
    "environment": {"type": "dict", "default": {}},
    "client_environment": {**_TEXTS, "default": []},
    "users": {**_TEXTS, "default": []},
    **dict.fromkeys(("gid", "sessions", "uid_base", "pids", "open_files"), _NUMBER),
    "cpus": {"type": "float", "required": True},
    "home_directory": _TEXT,
    "home_volume": {"type": "str", "default": ""},
    **dict.fromkeys(_SIZES, _TEXT),
    "binds": {"type": "list", "elements": "dict", "options": _BIND, "default": []},
    **dict.fromkeys(_UNITS, _TEXT),
}
# What other controls of this level give; without them a specification is not complete, and a plan still makes sense.
_OTHERS = ("00-image.json", "12-network.json")


def container_of(params: Mapping[str, Any]) -> Control:
    """Raises SandboxError for settings that no session could be started from, together with what is on the host."""
    ours = render_fragments(params)
    for name, text in ours.items():
        read_fragment(name, text, KEYS)
    whole = {**read_fragments(Path(FRAGMENTS)), **ours}
    if all(name in whole for name in _OTHERS):
        parse_spec(whole)
    return container_control(params, {unit: params[name] for name, unit in _UNITS.items()})
