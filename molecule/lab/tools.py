"""Installs what the lab needs on the controller, and nothing that is already there."""

from __future__ import annotations

import shutil
from pathlib import Path

from .command import as_root, run
from .console import LabError, say

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


def missing() -> tuple[str, ...]:
    """Packages that have to be installed first."""
    return tuple(sorted({package for thing, package in NEEDED.items() if not _is_there(thing)}))


def _is_there(thing: str) -> bool:
    if thing.startswith("/"):
        return Path(thing).exists()
    return bool(shutil.which(thing) or shutil.which(thing, path=ADMINISTRATOR_PATH))


def require() -> None:
    """LabError unless everything is installed."""
    if packages := missing():
        raise LabError(f"not installed: {', '.join(packages)}", "run the verb `install`")


def install(log: Path) -> None:
    """Install what is missing with apt."""
    packages = missing()
    if not packages:
        say("everything the lab needs is installed")
        return
    if not shutil.which("apt-get"):
        raise LabError(f"this machine has no apt-get to install {', '.join(packages)}", "install them by hand")
    log.parent.mkdir(parents=True, exist_ok=True)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    say("apt-get update ...")
    run(as_root(("apt-get", "update"), quiet), log=log)
    say(f"apt-get install {' '.join(packages)} ...")
    run(as_root(("apt-get", "install", "--yes", "--no-install-recommends", *packages), quiet), log=log)
    require()
    say("installed")
