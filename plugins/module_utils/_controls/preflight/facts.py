"""What a host is, as far as it decides whether it can be hardened."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ..._formats.dpkg import LockHolder
from ..._formats.ip_route import Address, Rule
from ..._formats.os_release import Distribution
from ..._formats.proc_net import Listener, Route
from ..._formats.subids import IdRange
from ..docker.start import NO_START, StartFacts
from ..kernel.items import NOTHING, KernelFacts
from .modules import ModuleFacts
from .space import Space


@dataclass(frozen=True)
class DockerFacts:
    """What there is of Docker Engine. `networks`, `containers` (others'), `sessions` and `beside_sessions` (others' on
    the network that release 0.1.0 made for sessions) are known only while it runs.

    `remapped_to`: the value of `userns-remap` in daemon.json, None when it is not there. `start`: how it starts next.
    `silence`: why a Docker that runs does not tell any of this. `has_other`: one that docker.service does not run
    listens where ours will.
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
    has_other: bool = False


@dataclass(frozen=True)
class AccountFacts:
    """Ids that somebody has or may be given; lines of tables that are none; what HostFacts says of the other two."""

    ids: tuple[IdRange, ...] = ()
    malformed: tuple[str, ...] = ()
    accounts: Mapping[str, str] = field(default_factory=dict)
    unasked_ranges: str = ""


@dataclass(frozen=True)
class HostFacts:
    """All that preflight reads.

    `on_trial`: the control that waits to be confirmed, empty when none does. `unproven`: since when the host has been
    changed without a session having been opened on it. `has_docker_network`: release 0.1.0 has made the sessions'
    network in Docker. `gateway_kind`: of the interface that has the name of our bridge, `bridge` or `no bridge`, empty
    where there is none. `chosen_route`: by which the kernel now sends to a session. `accounts`: those of the names that
    were asked for, each with the name that NSS has for it. `unasked_ranges`: why subordinate ids that others may have
    could not be asked for. `closed_items`: of `kernel_items`, those that we have closed. `space`: where each of what a
    run may bring comes to lie. `missing_packages`: those that have to be installed; `candidates`: in which version,
    None where apt may take none of those that it knows; `apt_refusal`: why apt does not say. `package_holder`: who is
    at work on packages, so that these, `broken_packages` and `has_package_lists` are in between.
    """

    distribution: Distribution
    architecture: str
    kernel: str
    python: tuple[int, int]
    first_process: str
    is_root: bool
    is_cgroup_v2: bool
    controllers: frozenset[str]
    modules: ModuleFacts
    has_seccomp: bool
    namespaces: frozenset[str]
    user_namespaces: int
    has_apparmor: bool
    docker: DockerFacts
    routes: tuple[Route, ...]
    listeners: tuple[Listener, ...]
    space: Mapping[str, Sequence[Space]]
    missing_packages: tuple[str, ...]
    candidates: Mapping[str, str | None]
    has_package_lists: bool
    broken_packages: tuple[str, ...]
    ids: tuple[IdRange, ...]
    package_holder: LockHolder | None = None
    apt_refusal: str = ""
    malformed_ids: tuple[str, ...] = ()
    kernel_items: KernelFacts = NOTHING
    closed_items: Collection[str] = ()
    level: int = 0
    lacking: tuple[str, ...] = ()
    applied: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()
    on_trial: str = ""
    unproven: str = ""
    rules: tuple[Rule, ...] = ()
    addresses: tuple[Address, ...] = ()
    chosen_route: Route | None = None
    accounts: Mapping[str, str] = field(default_factory=dict)
    unasked_ranges: str = ""
    has_docker_network: bool = False
    gateway_kind: str = ""
