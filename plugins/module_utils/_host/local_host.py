"""The host that this process runs on: each kind of resource with the adapter that knows it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Callable

from .._core.errors import SandboxError, VerificationError
from .._core.moments import Moment
from .._core.resources import Activation, Resource, Wish
from .._core.states import State
from .._core.steps import Change
from .._domain.program_control import REVERT_SERVICE
from .byte_code import compile_program
from .commands import run_command
from .connection import find_connection, read_now
from .kinds.apparmor_profile import ApparmorProfileKind
from .kinds.bridge import BridgeKind
from .kinds.docker_archive import DockerArchiveKind
from .kinds.docker_chains import DockerChainsKind
from .kinds.docker_image import DockerImageKind
from .kinds.docker_network import DockerNetworkKind
from .kinds.docker_remap import DockerRemapKind
from .kinds.docker_root import DockerRootKind
from .kinds.docker_trace import DockerTraceKind
from .kinds.file import FileKind
from .kinds.json_key import JsonKeyKind
from .kinds.kind import Kind
from .kinds.nft_table import NftTableKind
from .kinds.package import PackageKind, PackageSetKind
from .kinds.remapped import RemappedImageKind, RemappedNetworkKind
from .kinds.shared_file import SharedFileKind
from .kinds.shared_time import SharedTimeKind
from .kinds.sysctl import SysctlKind
from .kinds.table_entry import TableEntryKind
from .kinds.unit import UnitKind
from .outside import Outside
from .systemd import Systemd

_HEALTH_PATIENCE = 60.0
_HEALTH_POLL = 0.5
_HEALTH_TIMEOUT = 30.0

# Every kind of resource, by the name that it has in the ledger.
KINDS: Mapping[str, Callable[[Outside], Kind]] = {
    "apparmor_profile": ApparmorProfileKind,
    "bridge": BridgeKind,
    "docker_archive": DockerArchiveKind,
    "docker_image": DockerImageKind,
    "docker_network": DockerNetworkKind,
    "docker_chains": DockerChainsKind,
    "docker_remap": DockerRemapKind,
    "docker_root": DockerRootKind,
    "docker_trace": DockerTraceKind,
    "file": FileKind,
    "json_key": JsonKeyKind,
    "nft_table": NftTableKind,
    "package": PackageKind,
    "package_set": PackageSetKind,
    "remapped_image": RemappedImageKind,
    "remapped_network": RemappedNetworkKind,
    "shared_file": SharedFileKind,
    "shared_time": SharedTimeKind,
    "sysctl": SysctlKind,
    "table_entry": TableEntryKind,
    "unit": UnitKind,
}


class LocalHost:
    """The engine's `Host`, by real system calls and commands."""

    def __init__(self, outside: Outside | None = None, health_patience: float = _HEALTH_PATIENCE) -> None:
        self._outside = outside or Outside()
        self._systemd = Systemd(self._outside)
        self._health_patience = health_patience
        self._kinds: dict[str, Kind] = {}

    def complete(self, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        """Each kind sees its wishes together; their order among the others stays."""
        completed = list(wishes)
        for kind in dict.fromkeys(wish.resource.kind for wish in wishes):
            places = [place for place, wish in enumerate(wishes) if wish.resource.kind == kind]
            for place, wish in zip(places, self._kind(kind).complete([wishes[place] for place in places])):
                completed[place] = wish
        return tuple(completed)

    def observe(self, resource: Resource) -> State:
        return self._kind(resource.kind).observe(resource.name)

    def rehearse(self, change: Change) -> None:
        self._kind(change.resource.kind).rehearse(change)

    def consent(self, resource: Resource, force: bool) -> None:
        self._kind(resource.kind).consent(resource.name, force)

    def swap(self, changes: Sequence[Change]) -> None:
        """The engine hands over several changes only when they are of one kind."""
        if changes:
            self._kind(changes[0].resource.kind).swap(changes)

    def token(self, activation: Activation) -> str:
        """Byte code has none: made twice it does no harm."""
        return "" if activation.verb == "compile" else self._systemd.token(activation)

    def activate(self, activation: Activation) -> None:
        if activation.verb == "compile":
            compile_program(self._outside, activation.unit)
        else:
            self._systemd.activate(activation)

    def check_health(self, command: Sequence[str]) -> None:
        """A service may answer a little later than systemd believes: the command is tried until it succeeds."""
        deadline = time.monotonic() + self._health_patience
        while True:
            try:
                run_command(command, timeout=_HEALTH_TIMEOUT)
            except SandboxError as error:
                if time.monotonic() > deadline:
                    raise VerificationError(f"not healthy after {self._health_patience:g} s: {error}") from error
            else:
                return
            time.sleep(_HEALTH_POLL)

    def arm(self) -> None:
        """A countdown that has ended meanwhile waits for the lock that this run holds: it begins anew as well."""
        self._systemd.run("restart", "--", REVERT_SERVICE)
        self._systemd.wait_active(REVERT_SERVICE)

    def disarm(self) -> None:
        self._systemd.run("stop", "--", REVERT_SERVICE)

    def now(self) -> Moment:
        return read_now()

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)

    def date(self) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    def connected(self) -> Moment | None:
        return find_connection()

    def settling_seconds(self, resource: Resource) -> float:
        return self._kind(resource.kind).settling_seconds

    def hidden_by(self, resource: Resource) -> str:
        return self._kind(resource.kind).hidden_by

    def recover(self, resources: Sequence[Resource]) -> None:
        for kind in dict.fromkeys(resource.kind for resource in resources):
            self._kind(kind).recover([resource.name for resource in resources if resource.kind == kind])

    def find_damage(self, resource: Resource) -> str:
        return self._kind(resource.kind).find_damage(resource.name)

    def _kind(self, name: str) -> Kind:
        if name not in self._kinds:
            try:
                self._kinds[name] = KINDS[name](self._outside)
            except KeyError:
                raise SandboxError(f"kind {name!r} is not known", "use the release that wrote the ledger") from None
        return self._kinds[name]
