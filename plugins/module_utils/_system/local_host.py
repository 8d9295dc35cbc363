"""The host that this process runs on: each kind of resource with the provider that knows it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Callable

from .._controls.agent.control import REVERT_SERVICE
from .._engine.errors import SandboxError, VerificationError
from .._engine.moments import Moment
from .._engine.resources import Activation, Resource, Traits, Wish
from .._engine.states import State
from .._engine.steps import Change
from .activations import arrange_activations
from .byte_code import compile_agent
from .commands import run_command
from .connection import find_connection, read_now
from .outside import Outside
from .providers.apparmor_profile import ApparmorProfileProvider
from .providers.bridge import BridgeProvider
from .providers.docker_archive import DockerArchiveProvider
from .providers.docker_chains import DockerChainsProvider
from .providers.docker_image import DockerImageProvider
from .providers.docker_network import DockerNetworkProvider
from .providers.docker_remap import DockerRemapProvider
from .providers.docker_root import DockerRootProvider
from .providers.docker_trace import DockerTraceProvider
from .providers.file import FileProvider
from .providers.json_key import JsonKeyProvider
from .providers.nft_table import NftTableProvider
from .providers.package import PackageProvider, PackageSetProvider
from .providers.provider import Provider
from .providers.remapped import RemappedImageProvider, RemappedNetworkProvider
from .providers.shared_file import SharedFileProvider
from .providers.shared_time import SharedTimeProvider
from .providers.sysctl import SysctlProvider
from .providers.table_entry import TableEntryProvider
from .providers.unit import UnitProvider
from .systemd import Systemd

_HEALTH_PATIENCE = 60.0
_HEALTH_POLL = 0.5
_HEALTH_TIMEOUT = 30.0

# Every kind of resource, by the name that it has in the ledger.
PROVIDERS: Mapping[str, Callable[[Outside], Provider]] = {
    "apparmor_profile": ApparmorProfileProvider,
    "bridge": BridgeProvider,
    "docker_archive": DockerArchiveProvider,
    "docker_image": DockerImageProvider,
    "docker_network": DockerNetworkProvider,
    "docker_chains": DockerChainsProvider,
    "docker_remap": DockerRemapProvider,
    "docker_root": DockerRootProvider,
    "docker_trace": DockerTraceProvider,
    "file": FileProvider,
    "json_key": JsonKeyProvider,
    "nft_table": NftTableProvider,
    "package": PackageProvider,
    "package_set": PackageSetProvider,
    "remapped_image": RemappedImageProvider,
    "remapped_network": RemappedNetworkProvider,
    "shared_file": SharedFileProvider,
    "shared_time": SharedTimeProvider,
    "sysctl": SysctlProvider,
    "table_entry": TableEntryProvider,
    "unit": UnitProvider,
}


class LocalHost:
    """The engine's `Host`, by real system calls and commands. `providers`: those that are not as in PROVIDERS."""

    def __init__(
        self,
        outside: Outside | None = None,
        health_patience: float = _HEALTH_PATIENCE,
        providers: Mapping[str, Callable[[Outside], Provider]] | None = None,
    ) -> None:
        self._outside = outside or Outside()
        self._known = {**PROVIDERS, **(providers or {})}
        self._systemd = Systemd(self._outside)
        self._health_patience = health_patience
        self._providers: dict[str, Provider] = {}

    def traits(self, kind: str) -> Traits:
        return self._provider(kind).traits

    def complete(self, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        """Each kind sees its wishes together; their order among the others stays."""
        completed = list(wishes)
        for kind in dict.fromkeys(wish.resource.kind for wish in wishes):
            places = [place for place, wish in enumerate(wishes) if wish.resource.kind == kind]
            for place, wish in zip(places, self._provider(kind).complete([wishes[place] for place in places])):
                completed[place] = wish
        return tuple(completed)

    def observe(self, resource: Resource) -> State:
        return self._provider(resource.kind).observe(resource.name)

    def rehearse(self, change: Change) -> None:
        self._provider(change.resource.kind).rehearse(change)

    def consent(self, changes: Sequence[Change], force: bool) -> None:
        for kind in dict.fromkeys(change.resource.kind for change in changes):
            self._provider(kind).consent([change for change in changes if change.resource.kind == kind], force)

    def swap(self, changes: Sequence[Change]) -> None:
        """The engine hands over several changes only when they are of one kind."""
        if changes:
            self._provider(changes[0].resource.kind).swap(changes)

    def is_secret(self, change: Change) -> bool:
        return self._provider(change.resource.kind).is_secret(change)

    def shown(self, change: Change) -> Change:
        return self._provider(change.resource.kind).shown(change)

    def arrange(self, changes: Sequence[Change], pending: Iterable[Activation] = ()) -> tuple[Activation, ...]:
        return arrange_activations(changes, pending)

    def token(self, activation: Activation) -> str:
        """Byte code has none: made twice it does no harm."""
        return "" if activation.verb == "compile" else self._systemd.token(activation)

    def activate(self, activation: Activation) -> None:
        if activation.verb == "compile":
            compile_agent(self._outside, activation.unit)
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

    def recover(self, resources: Sequence[Resource]) -> None:
        for kind in dict.fromkeys(resource.kind for resource in resources):
            self._provider(kind).recover([resource.name for resource in resources if resource.kind == kind])

    def find_damage(self, resource: Resource) -> str:
        return self._provider(resource.kind).find_damage(resource.name)

    def _provider(self, name: str) -> Provider:
        if name not in self._providers:
            try:
                self._providers[name] = self._known[name](self._outside)
            except KeyError:
                raise SandboxError(f"kind {name!r} is not known", "use the release that wrote the ledger") from None
        return self._providers[name]
