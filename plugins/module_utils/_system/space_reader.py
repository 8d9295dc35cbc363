"""Measures the room where a run puts things: apt's archives, packages, images, and what the sandbox keeps of them."""

from __future__ import annotations

import os
import posixpath
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from .._controls.docker.control import DAEMON_JSON
from .._controls.docker.places import (
    CONTAINERD_ROOT,
    DATA_ROOT,
    configured_root,
    image_stores,
    parse_containerd_root,
)
from .._controls.preflight.facts import DockerFacts
from .._controls.preflight.space import ARCHIVES, COPY, IMAGE, KEPT, PACKAGES, Space
from .._controls.userns.control import ARCHIVE_FOLDER
from .._engine.errors import SandboxError
from .._formats.daemon_json import parse_object
from .commands import run_command
from .docker_api import DOCKER_SOCKET, DockerApi
from .files import read_bytes
from .outside import Outside, explained
from .programs import find_program

_ARCHIVES = "/var/cache/apt/archives"


class SpaceReader:
    """File systems under the outside's root; commands and sockets are this machine's own."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def read(self, docker: DockerFacts, needs_packages: bool) -> dict[str, tuple[Space, ...]]:
        values = self._daemon_json()
        info = DockerApi(self._outside.path(DOCKER_SOCKET)).get("/info") if docker.is_running else {}
        configured, reported = configured_root(docker.flags, values), str(info.get("DockerRootDir", ""))
        roots = [root for root in (configured, reported) if root] or [DATA_ROOT]
        in_docker, in_containerd = image_stores(docker.version, info, values)
        images = [*(roots if in_docker else ()), *([_containerd_root()] if in_containerd else [])]
        packages = {ARCHIVES: [_apt_archives()], PACKAGES: ["/usr"]} if needs_packages else {}
        folders: Mapping[str, Iterable[str]] = {**packages, IMAGE: images, KEPT: [ARCHIVE_FOLDER], COPY: roots[:1]}
        return {what: tuple(map(self._measure, places)) for what, places in folders.items()}

    def _daemon_json(self) -> dict[str, Any]:
        """Nothing where it cannot be read, which is a finding of its own."""
        try:
            return parse_object(read_bytes(self._outside, DAEMON_JSON) or b"", DAEMON_JSON).values
        except SandboxError:
            return {}

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
