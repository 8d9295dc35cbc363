"""The host program's byte code: which Python it is for, which program it is of, and having it made."""

from __future__ import annotations

import importlib.util
import io
import os
import sys
import zipfile

from .._controls.names import PROGRAM_FILE
from .._controls.program.control import PYTHON
from .._engine.errors import SandboxError
from .commands import run_command
from .files import lstat
from .outside import Outside

# Emulated, a Python needs its time for a hundred files.
_SECONDS = 300.0
# A program of a release that makes no byte code does not know how.
_UNKNOWN_SUBCOMMAND = 64
_TELL_NUMBER = "import importlib.util as u; print(int.from_bytes(u.MAGIC_NUMBER[:2], 'little'))"


def read_build(program: bytes) -> str:
    """The digest of the program's sources, which its archive has as a comment."""
    try:
        with zipfile.ZipFile(io.BytesIO(program)) as archive:
            return archive.comment.decode("ascii")
    except (zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise SandboxError(f"program: expected an archive as the lookup host_program packs it: {error}") from error


def read_python() -> int:
    """The number of the byte code of PYTHON, which may be another one than this."""
    if os.path.realpath(sys.executable) == os.path.realpath(PYTHON):
        return int.from_bytes(importlib.util.MAGIC_NUMBER[:2], "little")
    return int(run_command((PYTHON, "-I", "-c", _TELL_NUMBER)).out)


def compile_program(outside: Outside, file: str) -> None:
    """Has the program make its byte code. Nothing where it is gone, as on the way back, or makes none."""
    if lstat(outside, PROGRAM_FILE) is None or lstat(outside, os.path.dirname(file)) is None:
        return
    outside.run((PROGRAM_FILE, "compile", file), accept=(0, _UNKNOWN_SUBCOMMAND), timeout=_SECONDS)
