"""Measures the room where a run puts things: apt's archives, packages, images, and what the sandbox keeps of them."""

from __future__ import annotations

import os
import posixpath
import shlex
from collections.abc import Iterable, Mapping

from .._controls.docker.places import CONTAINERD_ROOT, data_roots, image_stores, parse_containerd_root
from .._controls.docker.start import StartFacts
from .._controls.preflight.space import ARCHIVES, COPY, IMAGE, KEPT, PACKAGES, Space
from .._controls.userns.control import ARCHIVE_FOLDER
from .commands import run_command
from .outside import Outside, explained
from .programs import find_program

_ARCHIVES = "/var/cache/apt/archives"


class SpaceReader:
    """File systems under the outside's root; commands are this machine's own."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def read(self, start: StartFacts, needs_packages: bool) -> dict[str, tuple[Space, ...]]:
        """`start`: how Docker runs, and starts next. `needs_packages`: whether some have to be installed."""
        roots = data_roots(start)
        in_docker, in_containerd = image_stores(start)
        images = [*(roots if in_docker else ()), *([_containerd_root()] if in_containerd else [])]
        packages = {ARCHIVES: [_apt_archives()], PACKAGES: ["/usr"]} if needs_packages else {}
        folders: Mapping[str, Iterable[str]] = {**packages, IMAGE: images, KEPT: [ARCHIVE_FOLDER], COPY: roots[:1]}
        return {what: tuple(map(self._measure, places)) for what, places in folders.items()}

    def _measure(self, folder: str) -> Space:
        """Of the nearest folder that is there: what is below it comes to lie on the same file system."""
        there = os.path.realpath(self._outside.path(folder))
        while not os.path.isdir(there):
            there = posixpath.dirname(there)
        with explained("look at the file system of", folder):
            found, device = os.statvfs(there), os.stat(there).st_dev
        inodes = found.f_favail if found.f_files else None
        return Space(folder, device, found.f_bavail * found.f_frsize, inodes)


def _apt_archives() -> str:
    if find_program("apt-config") is None:
        return _ARCHIVES
    said = shlex.split(run_command(("apt-config", "shell", "FOLDER", "Dir::Cache::archives/d")).out)
    return next((word.partition("=")[2].rstrip("/") or "/" for word in said if word.startswith("FOLDER=")), _ARCHIVES)


def _containerd_root() -> str:
    """As its whole configuration has it, with what that includes."""
    if find_program("containerd") is None:
        return CONTAINERD_ROOT
    result = run_command(("containerd", "config", "dump"), accept=(0, 1))
    return parse_containerd_root(result.out)
