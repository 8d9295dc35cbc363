"""From the module's parameters to the control `agent`."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from .._controls.agent.control import agent_control
from .._engine.resources import Control
from .._system.byte_code import read_build, read_python

ARGUMENTS: dict[str, Any] = {
    "archive": {"type": "str", "required": True},
    "revert_unit": {"type": "str", "required": True},
}


def agent_of(params: Mapping[str, Any]) -> Control:
    """Raises SandboxError for an archive that was not packed by the lookup."""
    archive = b64decode(params["archive"])
    text = archive.decode("utf-8", "surrogateescape")
    return agent_control(text, read_build(archive), read_python(), params["revert_unit"])
