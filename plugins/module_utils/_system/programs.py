"""Whether a program is installed, asked without running it."""

from __future__ import annotations

import os
import shutil

# The same folders in which run_command looks: Ansible's connections may come with a user's PATH.
_FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def find_program(name: str) -> str | None:
    """The path of an executable, or None."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:{_FOLDERS}".lstrip(":"))
