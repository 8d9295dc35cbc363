"""The package cache: a folder of Debian packages that apt takes for a mirror."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .command import run
from .console import LabError

DEBIAN = "trixie"


def words(path: Path) -> tuple[str, ...]:
    """The names in a package list: one a line, # starts a comment."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line)


def mirrors(index_targets: str) -> dict[str, str]:
    """This machine's Debian mirrors by archive label, from `LABEL|URI` lines of `apt-get indextargets`."""
    found: dict[str, str] = {}
    for line in index_targets.splitlines():
        label, _, uri = line.partition("|")
        if label in ("Debian", "Debian-Security"):
            found.setdefault(label, uri)
    return found


def sources(found: dict[str, str]) -> list[str]:
    """The sources that mmdebstrap is to build from; none on a machine without Debian mirrors: it then has a default."""
    lines = []
    if "Debian" in found:
        lines += [f"deb {found['Debian']} {suite} main" for suite in (DEBIAN, f"{DEBIAN}-updates")]
    if "Debian" in found and "Debian-Security" in found:
        lines.append(f"deb {found['Debian-Security']} {DEBIAN}-security main")
    return lines


def observed_sources() -> list[str]:
    """`sources` of this machine, read from its own apt at run time."""
    listing = ("apt-get", "indextargets", "--format", "$(LABEL)|$(REPO_URI)", "Created-By: Packages")
    return sources(mirrors(run(listing)))


def write_index(folder: Path) -> int:
    """Make a flat apt repository of the packages in `folder`; returns how many there are."""
    packages = sorted(folder.glob("*.deb"))
    if not packages:
        raise LabError(f"no packages in {folder}", "the build log tells why none were downloaded")
    for name, command in (("Packages", "packages"), ("Release", "release")):
        done = subprocess.run(("apt-ftparchive", command, "."), cwd=folder, capture_output=True, check=True)
        (folder / name).write_bytes(done.stdout)
    return len(packages)
