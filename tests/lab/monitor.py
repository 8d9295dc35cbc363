"""Speaks to QEMU over its monitor socket (QMP, with human monitor commands for snapshots)."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from .console import LabError

# A snapshot of a busy machine is a few hundred megabytes to write.
ANSWER_SECONDS = 180


def execute(path: Path, command: str, **arguments: Any) -> Any:
    """Run one QMP command on a connection of its own and return its result."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_SECONDS)
        try:
            connection.connect(str(path))
        except OSError as error:
            raise LabError(
                f"QEMU's monitor {path} does not answer: {error}", "is the machine up? See `status`"
            ) from error
        with connection.makefile("rwb") as stream:
            stream.readline()
            _ask(stream, "qmp_capabilities", {})
            return _ask(stream, command, arguments)


def human(path: Path, line: str) -> str:
    """Run a human monitor command. These tell an error only by what they print."""
    output: str = execute(path, "human-monitor-command", **{"command-line": line})
    if output.startswith("Error") or "not found" in output or "does not have" in output:
        raise LabError(f"QEMU: {line}: {output.strip()}")
    return output


def _ask(stream: Any, command: str, arguments: dict[str, Any]) -> Any:
    stream.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
    stream.flush()
    while line := stream.readline():
        answer = json.loads(line)
        if "error" in answer:
            raise LabError(f"QEMU refused {command}: {answer['error'].get('desc')}")
        if "return" in answer:
            return answer["return"]
        # Anything else is an event.
    if command == "quit":
        return None
    raise LabError(f"QEMU closed its monitor while {command} ran", "read QEMU's own log in the machine folder")
