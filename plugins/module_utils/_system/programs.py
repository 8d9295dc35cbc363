"""Whether a program is installed, asked without running it."""

from __future__ import annotations

import shutil

from .commands import ENVIRONMENT


def find_program(name: str) -> str | None:
    """The path of an executable that run_command would find, or None."""
    return shutil.which(name, path=ENVIRONMENT["PATH"])
