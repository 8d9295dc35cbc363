"""Asks npm, as it is set up for whoever runs this: what the registry has, and for packages."""

from __future__ import annotations

import base64
import hashlib
import math
import os
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from .._controls.image.spec import NODE_PACKAGE, ImageSpec, npm_manifest
from .._engine.errors import SandboxError
from .._formats.npm import FIELDS, NpmFormatError, Published, read_refusal, read_view
from .commands import SYSTEM_PATH, run_command

_SECONDS = 1800.0
_LOOK_SECONDS = 120.0
_QUIET = ("--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
_NODE = "package/bin/node"


class NpmError(SandboxError):
    """A package (`name@version`) cannot be had, or is not the one that was asked for. `reason`: without its name."""

    def __init__(self, package: str, reason: str, hint: str | None = None) -> None:
        super().__init__(f"npm package {package}: {reason}", hint)
        self.reason = reason


def callers_environment() -> dict[str, str]:
    """On this machine the caller is at home: where npm is, and its way to the registries, stands in the environment."""
    return {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}".lstrip(":"), "LC_ALL": "C"}


def look_up(package: str) -> Published:
    """What the registry has of `name@version`. Raises NpmError where it has none, or cannot be asked."""
    command = ("npm", "view", "--json", "--loglevel=silent", package, *FIELDS)
    said = run_command(command, accept=(0, 1), timeout=_LOOK_SECONDS, environment=callers_environment())
    try:
        if said.status == 0:
            published = read_view(said.out, package.rpartition("@")[2])
            return replace(published, moment=_moment_of(published.date))
        reason = read_refusal(said.out) or "npm view fails and does not say why"
    except NpmFormatError as error:
        reason = f"npm view answers what cannot be read: {error}"
    raise NpmError(package, reason)


def fetch_node(version: str, integrity: str, work: Path) -> Path:
    """Node's binary, in the folder `work`. Raises NpmError where the package is another one than `integrity` says."""
    package = f"{NODE_PACKAGE}@{version}"
    command = ("npm", "pack", package, f"--pack-destination={work}", "--ignore-scripts", "--loglevel=error")
    run_command(command, timeout=_SECONDS, environment=callers_environment())
    archive = work / f"{NODE_PACKAGE}-{version}.tgz"
    with archive.open("rb") as file:
        digest = hashlib.sha512()
        while piece := file.read(1 << 20):
            digest.update(piece)
    found = f"sha512-{base64.b64encode(digest.digest()).decode()}"
    if found != integrity:
        hint = "see why the registry has another one; do not use it before that"
        raise NpmError(package, f"found the integrity {found}, expected {integrity}", hint)
    binary = work / "node"
    with tarfile.open(archive) as packed:
        inside = packed.extractfile(_NODE)
        if inside is None:
            raise NpmError(package, f"{_NODE} is no file")
        with inside, binary.open("wb") as out:
            shutil.copyfileobj(inside, out)
    archive.unlink()
    return binary


def install_modules(spec: ImageSpec, epoch: int, work: Path) -> Path:
    """The folder of a project with its packages, below `work`."""
    project = work / "project"
    if spec.npm_project:
        shutil.copytree(spec.npm_project, project, ignore=shutil.ignore_patterns("node_modules"))
        command: tuple[str, ...] = ("npm", "ci", "--prefix", str(project), *_QUIET)
    else:
        project.mkdir()
        (project / "package.json").write_bytes(npm_manifest(spec.npm_packages))
        # What the packages depend on floats: up to the image's own time stamp, so that a later build gets the same.
        before = f"--before={text_of_moment(epoch)}"
        command = ("npm", "install", "--prefix", str(project), before, "--no-package-lock", *_QUIET)
    run_command(command, timeout=_SECONDS, environment=callers_environment())
    return project


def look_up_all(packages: Mapping[str, str]) -> tuple[dict[str, Published], dict[str, str]]:
    """What the registry has of each, and why it has none of the others."""
    found, lacking = {}, {}
    for package in packages:
        try:
            found[package] = look_up(package)
        except NpmError as error:
            lacking[package] = error.reason
        except SandboxError as error:
            lacking[package] = str(error)
    return found, lacking


def text_of_moment(moment: int) -> str:
    """As npm, and the configuration of an image, write it."""
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment_of(date: str) -> int:
    try:
        # Python before 3.11 does not read the Z.
        return math.ceil(datetime.fromisoformat(date.replace("Z", "+00:00")).timestamp())
    except ValueError:
        return 0
