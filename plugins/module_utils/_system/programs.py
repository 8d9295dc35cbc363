"""Whether a program is installed, asked without running it."""

from __future__ import annotations

import os
import shutil

from .commands import SYSTEM_PATH


def find_program(name: str) -> str | None:
    """The path of an executable that run_command would find, or None."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}".lstrip(":"))
