"""From the module's parameters to the control `program`."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from .._controls.program.control import program_control
from .._engine.resources import Control
from .._system.byte_code import read_build, read_python

ARGUMENTS: dict[str, Any] = {
    "program": {"type": "str", "required": True},
    "revert_unit": {"type": "str", "required": True},
}


def program_of(params: Mapping[str, Any]) -> Control:
    """Raises SandboxError for a program that was not packed by the lookup."""
    program = b64decode(params["program"])
    text = program.decode("utf-8", "surrogateescape")
    return program_control(text, read_build(program), read_python(), params["revert_unit"])
