"""What the lab needs on the controller. `make lab-packages` installs it."""

from __future__ import annotations

import shutil
from pathlib import Path

from .console import LabError

# Program (or file) that must be there, and the Debian or Ubuntu package that brings it.
NEEDED = {
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "mmdebstrap": "mmdebstrap",
    "apt-ftparchive": "apt-utils",
    "mke2fs": "e2fsprogs",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
}
ADMINISTRATOR_PATH = "/usr/local/sbin:/usr/sbin:/sbin"


def require() -> None:
    """LabError unless everything is installed."""
    if packages := {package for thing, package in NEEDED.items() if not _is_there(thing)}:
        raise LabError(f"not installed: {', '.join(sorted(packages))}", "`make lab-packages` installs it")


def _is_there(thing: str) -> bool:
    if thing.startswith("/"):
        return Path(thing).exists()
    return bool(shutil.which(thing) or shutil.which(thing, path=ADMINISTRATOR_PATH))
