"""What a session image is built from, checked, and the digest that tells whether an archive was built from it. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from ..._engine.errors import SandboxError

INPUTS_LABEL = "io.ably.sandbox.inputs"
# Raised when the builder makes something else of the same inputs.
_RECIPE = 2
_RULES = {
    "name": (re.compile(r"[a-z0-9][a-z0-9._/-]*:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"), "a name with a tag"),
    "suite": (re.compile(r"[a-z][a-z0-9-]*"), "a Debian release by its code name"),
    "package": (re.compile(r"[a-z0-9][a-z0-9.+-]+"), "a Debian package name"),
    "npm": (re.compile(r"(@[a-z0-9._-]+/)?[a-z0-9._-]+@\d+\.\d+\.\d+[A-Za-z0-9.+-]*"), "a name with an exact version"),
    "program": (re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*"), "a file name"),
    "variable": (re.compile(r"[A-Za-z_][A-Za-z0-9_]*"), "a variable name"),
    "architecture": (re.compile(r"amd64|arm64"), "amd64 or arm64"),
}


class ImageSpecError(SandboxError):
    """An input of an image build is not what it has to be."""


@dataclass(frozen=True)
class ImageSpec:
    """The inputs of a build.

    Either `npm_packages` (each with an exact version) or `npm_project` (a folder with package.json, a lock file and
    programs of its own) says what the command line is. `certificates` are files with authorities to trust besides
    Debian's. `epoch` (Unix seconds) becomes every time stamp; npm packages newer than it are not considered.
    """

    name: str
    architecture: str
    epoch: int
    suite: str = "trixie"
    mirror: str | None = None
    packages: tuple[str, ...] = ("base-files", "ca-certificates", "nodejs", "tzdata")
    programs: tuple[str, ...] = ("node",)
    npm_packages: tuple[str, ...] = ()
    npm_project: str | None = None
    certificates: tuple[str, ...] = ()
    command: tuple[str, ...] = ("ably", "interactive")
    environment: Mapping[str, str] = field(default_factory=dict)

    def checked(self) -> ImageSpec:
        """The specification itself; raises ImageSpecError with the input, what was expected and what was found."""
        _check("name", self.name)
        _check("suite", self.suite)
        _check("architecture", self.architecture)
        for kind, values in (
            ("package", self.packages),
            ("program", self.programs),
            ("npm", self.npm_packages),
            ("variable", tuple(self.environment)),
        ):
            for value in values:
                _check(kind, value)
        if bool(self.npm_packages) == bool(self.npm_project):
            raise ImageSpecError("image: expected either npm_packages or npm_project, found both or neither")
        if self.epoch < 0 or not self.command:
            raise ImageSpecError(f"image: expected an epoch from 0 and a command, found {self.epoch}, {self.command}")
        return self


def find_expected(kind: str, value: str) -> str:
    """What an input of this kind has to be, empty where it is."""
    pattern, expected = _RULES[kind]
    return "" if pattern.fullmatch(value) else expected


def _check(kind: str, value: str) -> None:
    if expected := find_expected(kind, value):
        raise ImageSpecError(f"image: {kind}: expected {expected}, found {value!r}")


def inputs_digest(spec: ImageSpec, files: Mapping[str, bytes]) -> str:
    """One digest over everything that decides about the image; `files` are the contents of the inputs by name.

    Where inputs lie on the build machine does not count, what is in them does.
    """
    inputs = asdict(spec)
    inputs["npm_project"] = bool(spec.npm_project)
    inputs["certificates"] = len(spec.certificates)
    inputs["recipe"] = _RECIPE
    inputs["files"] = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return "sha256:" + hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def npm_manifest(packages: tuple[str, ...]) -> bytes:
    """The package.json of a project that only depends on `packages`."""
    pairs = (package.rpartition("@") for package in packages)
    manifest = {"name": "session", "version": "1.0.0", "private": True, "dependencies": {n: v for n, _, v in pairs}}
    return json.dumps(manifest, indent=2, sort_keys=True).encode() + b"\n"
