"""What a host is, as far as it decides whether it can be hardened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ..._formats.dpkg import Policy
from ..._formats.os_release import Distribution
from ..._formats.proc_net import Listener, Route
from ..._formats.subids import IdRange
from ..docker.start import NO_START, StartFacts
from ..kernel.items import NOTHING, KernelFacts


@dataclass(frozen=True)
class DockerFacts:
    """What there is of Docker Engine. `networks`, `containers` (others'), `sessions` and `beside_sessions` (others' on
    the network that release 0.1.0 made for sessions) are known only while it runs.

    `remapped_to`: the value of `userns-remap` in daemon.json, None when it is not there. `start`: how it starts next.
    `silence`: why a Docker that runs does not tell any of this.
    """

    version: tuple[int, int] | None = None
    packages: Collection[str] = ()
    is_running: bool = False
    networks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    containers: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    beside_sessions: tuple[str, ...] = ()
    remapped_to: str | None = None
    start: StartFacts = NO_START
    silence: str = ""


@dataclass(frozen=True)
class HostFacts:
    """All that preflight reads. `missing_modules`: kernel parts that are neither there nor loadable.

    `on_trial`: the control that waits to be confirmed, empty when none does. `unproven`: since when the host has been
    changed without a session having been opened on it. `has_docker_network`: release 0.1.0 has made the sessions'
    network in Docker. `gateway_kind`: of the interface that has the name of our bridge, `bridge` or `no bridge`, empty
    where there is none. `closed_items`: of `kernel_items`, those that we have closed.
    """

    distribution: Distribution
    architecture: str
    kernel: str
    python: tuple[int, int]
    first_process: str
    is_root: bool
    is_cgroup_v2: bool
    controllers: frozenset[str]
    missing_modules: tuple[str, ...]
    has_modules_folder: bool
    has_seccomp: bool
    namespaces: frozenset[str]
    user_namespaces: int
    has_apparmor: bool
    docker: DockerFacts
    routes: tuple[Route, ...]
    listeners: tuple[Listener, ...]
    free_bytes: int
    policies: Mapping[str, Policy]
    has_package_lists: bool
    broken_packages: tuple[str, ...]
    ids: tuple[IdRange, ...]
    malformed_ids: tuple[str, ...] = ()
    kernel_items: KernelFacts = NOTHING
    closed_items: Collection[str] = ()
    level: int = 0
    lacking: tuple[str, ...] = ()
    applied: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()
    on_trial: str = ""
    unproven: str = ""
    has_docker_network: bool = False
    gateway_kind: str = ""
