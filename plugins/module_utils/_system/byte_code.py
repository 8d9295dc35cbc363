"""The agent's byte code: which Python it is for, which agent it is of, and having it made."""

from __future__ import annotations

import importlib.util
import io
import os
import sys
import zipfile

from .._controls.agent.control import PYTHON
from .._controls.names import AGENT_FILE
from .._engine.errors import SandboxError
from .commands import run_command
from .files import lstat
from .outside import Outside

# Emulated, a Python needs its time for a hundred files.
_SECONDS = 300.0
# An agent of a release that makes no byte code does not know how.
_UNKNOWN_SUBCOMMAND = 64
_TELL_NUMBER = "import importlib.util as u; print(int.from_bytes(u.MAGIC_NUMBER[:2], 'little'))"


def read_build(archive: bytes) -> str:
    """The digest of the agent's sources, which its archive has as a comment."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return opened.comment.decode("ascii")
    except (zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise SandboxError(f"agent: expected an archive as the lookup agent_archive packs it: {error}") from error


def read_python() -> int:
    """The number of the byte code of PYTHON, which may be another one than this."""
    if os.path.realpath(sys.executable) == os.path.realpath(PYTHON):
        return int.from_bytes(importlib.util.MAGIC_NUMBER[:2], "little")
    return int(run_command((PYTHON, "-I", "-c", _TELL_NUMBER)).out)


def compile_agent(outside: Outside, file: str) -> None:
    """Has the agent make its byte code. Nothing where it is gone, as on the way back, or makes none."""
    if lstat(outside, AGENT_FILE) is None or lstat(outside, os.path.dirname(file)) is None:
        return
    outside.run((AGENT_FILE, "compile", file), accept=(0, _UNKNOWN_SUBCOMMAND), timeout=_SECONDS)
