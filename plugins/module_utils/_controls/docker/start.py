"""Docker's next start: the file, the flags and what the running daemon reports, as one configuration. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..._formats.daemon_oddities import Oddity
from ..._formats.docker_flags import FLAG_OF, values_of

DATA_ROOT = "/var/lib/docker"
DOCKERD = "dockerd"
DEFAULT_SOCKET = "unix:///var/run/docker.sock"
_SOCKETS = frozenset({"/run/docker.sock", "/var/run/docker.sock"})
# Debian's own, 20.10 to 26.1: how a Docker that is not installed yet will be started.
DEBIAN_SERVICE = """[Service]
EnvironmentFile=-/etc/default/docker
ExecStart=/usr/sbin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock $DOCKER_OPTS
"""
_CGROUP_DRIVER = "native.cgroupdriver"


@dataclass(frozen=True)
class RunningDocker:
    """What a daemon that runs reports of itself. `data_root`: the configured one, not that of remapped ids in it.

    `has_snapshotter`: its images are in containerd's store. `is_empty`: it has no container, image or volume.
    """

    data_root: str = DATA_ROOT
    cgroup_driver: str = "systemd"
    storage_driver: str = "overlay2"
    has_snapshotter: bool = False
    is_remapped: bool = False
    is_empty: bool = False


@dataclass(frozen=True)
class UnitFaults:
    """Why systemd would not start docker.service. `exec_starts`: where it has more than one; `missing_files`: of its
    environment; `missing_program`: not there, or none that can be run.
    """

    exec_starts: tuple[str, ...] = ()
    missing_files: tuple[str, ...] = ()
    missing_program: str = ""


NO_FAULTS = UnitFaults()


@dataclass(frozen=True)
class StartFacts:
    """What decides how Docker starts next. `flags`: the unit's, variables put in; `unknown_flags`: why they are not
    known. `program`: the dockerd that the unit starts, or that of the path. `values`: of the present daemon.json.
    `refused`: what dockerd itself says of that file, `refused_with_ours` of it with what is asked for; both empty where
    it finds nothing wrong, `is_validated` False where it was not asked. `data_root`: where the configured one really
    is, links followed. `missing_files`: what the file names, or what is asked for, and is not there.
    """

    version: tuple[int, int] | None = None
    flags: tuple[str, ...] = ()
    unknown_flags: str = ""
    program: str = DOCKERD
    oddity: Oddity | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    is_validated: bool = False
    refused: str = ""
    refused_with_ours: str = ""
    running: RunningDocker | None = None
    in_swarm: bool = False
    data_root: str = DATA_ROOT
    missing_files: frozenset[str] = frozenset()
    unit_faults: UnitFaults = NO_FAULTS

    @property
    def configuration(self) -> Configuration:
        """As it is, without what is asked for."""
        return Configuration(self.values, self.flags)


NO_START = StartFacts()


@dataclass(frozen=True)
class Configuration:
    """daemon.json and the flags together, as dockerd merges them."""

    values: Mapping[str, Any]
    flags: Sequence[str] = ()

    def texts(self, key: str) -> tuple[str, ...]:
        """What is given for the key, one or many, from the file or else from the flags."""
        value = self.values.get(key)
        if value is None:
            return values_of(self.flags, FLAG_OF.get(key, key))
        return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)

    def text(self, key: str, default: str = "") -> str:
        """The last one. An empty text is nothing to Docker."""
        return next((text for text in reversed(self.texts(key)) if text), default)

    def is_on(self, key: str, default: bool) -> bool:
        return _is_true(self.text(key, str(default)))

    def table(self, key: str) -> Mapping[str, Any]:
        value = self.values.get(key)
        return value if isinstance(value, Mapping) else {}

    def items(self, key: str) -> Sequence[Any]:
        value = self.values.get(key)
        return value if isinstance(value, list) else ()

    @property
    def data_root(self) -> str:
        """As it is written, with its links; the default where no folder is named."""
        given = (self.text("data-root"), self.text("graph"))
        return next((root for root in given if root.startswith("/")), DATA_ROOT)

    @property
    def hosts(self) -> tuple[str, ...]:
        return self.texts("hosts") or (DEFAULT_SOCKET,)

    @property
    def image_store(self) -> bool | None:
        """Whether containerd's is asked for, None where Docker chooses."""
        flags = dict(map(_parse_feature, values_of(self.flags, FLAG_OF["features"])))
        asked = {**flags, **self.table("features")}.get("containerd-snapshotter")
        return asked if isinstance(asked, bool) else None

    @property
    def cgroup_driver(self) -> str:
        """Docker's own choice on a host with systemd and cgroups of version 2 is systemd."""
        options = (option.partition("=") for option in self.texts("exec-opts"))
        given = [value for name, _unused, value in options if name == _CGROUP_DRIVER]
        return given[-1] if given else "systemd"


def _parse_feature(flag: str) -> tuple[str, bool]:
    """From `name` or `name=true`."""
    name, has_value, value = flag.partition("=")
    return name, _is_true(value) or not has_value


def _is_true(text: str) -> bool:
    return text.lower() in {"true", "1", "t"}


def merge(values: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """The file's values with what is asked for. Of an object only the keys that are named change."""
    whole = dict(values)
    for key, value in asked.items():
        there = whole.get(key)
        whole[key] = {**there, **value} if key == "runtimes" and isinstance(there, Mapping) else value
    return whole


def is_our_socket(host: str) -> bool:
    """Whether a daemon that listens there answers where this collection asks."""
    if host.startswith("fd://") or host == "unix://":
        return True
    path = host.removeprefix("unix://")
    return path != host and posixpath.normpath(path).replace("//", "/") in _SOCKETS


def clean_refusal(said: str, shown: str) -> str:
    """What `dockerd --validate` found, without where it was shown the file (`shown`) and how it ended."""
    found = said.rsplit(f"with file {shown}: ", maxsplit=1)[-1].split(" | See 'dockerd --help'", maxsplit=1)[0]
    for prefix in ("Status: ", "merged configuration validation from file and command line flags failed: "):
        found = found.removeprefix(prefix)
    return found
