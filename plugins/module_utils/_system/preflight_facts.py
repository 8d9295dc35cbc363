"""Reads what preflight judges a host by. Changes nothing, and starts nothing: Docker is asked only while it runs."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._controls.docker.preflight import DOCKER_PACKAGES
from .._controls.egress.control import has_docker_network
from .._controls.egress.policy import DOCKER_NETWORK
from .._controls.egress.preflight import takes_gateway
from .._controls.names import BRIDGE
from .._controls.preflight.facts import DockerFacts, HostFacts
from .._controls.preflight.problems import MODULES
from .._controls.registry import find_lacking, level_reached
from .._controls.userns.control import RANGE_TABLES, REMAP_KEY
from .._engine.ledger import fold
from .._formats.docker_objects import (
    attached_containers,
    container_name,
    open_sessions,
    others_containers,
    parse_network,
)
from .._formats.dpkg import QUERY_FORMAT, Policy, parse_policies, parse_query
from .._formats.kmod import parse_module_names
from .._formats.os_release import parse_os_release
from .._formats.proc_net import Listener, parse_listeners, parse_routes
from .._formats.subids import IdRange, find_malformed_lines, parse_accounts, parse_ranges
from .commands import run_command
from .docker_api import DOCKER_SOCKET, DockerApi, DockerUnreachableError
from .docker_start import ANSWER_TIMEOUT, StartReader, can_be_asked
from .kernel_reader import KernelReader
from .outside import Outside
from .reading import Reader
from .store import LedgerStore

_SETTLED = ("installed", "not-installed", "config-files")
_PROTOCOLS = ("tcp", "tcp6", "udp", "udp6")


class HostReader:
    """The host under the outside's root; commands and sockets are this machine's own."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._reader = Reader(outside)

    def read(self, packages: Sequence[str], daemon_keys: Mapping[str, Any]) -> HostFacts:
        """All of it. `packages` are those whose availability matters, `daemon_keys` what Docker shall be told."""
        ledger = fold(LedgerStore(self._outside).read())
        kernel = platform.release()
        states = self._package_states()
        items = KernelReader(self._outside)
        return HostFacts(
            distribution=parse_os_release(self._reader.text("/etc/os-release")),
            architecture=platform.machine(),
            kernel=kernel,
            python=(sys.version_info[0], sys.version_info[1]),
            first_process=self._reader.text("/proc/1/comm").strip(),
            is_root=os.geteuid() == 0,
            is_cgroup_v2=self._reader.exists("/sys/fs/cgroup/cgroup.controllers"),
            controllers=frozenset(self._reader.text("/sys/fs/cgroup/cgroup.controllers").split()),
            missing_modules=self._missing_modules(kernel),
            has_modules_folder=self._reader.exists(f"/lib/modules/{kernel}"),
            has_seccomp=self._reader.exists("/proc/sys/kernel/seccomp/actions_avail"),
            namespaces=frozenset(self._reader.names("/proc/self/ns")),
            user_namespaces=int(self._reader.text("/proc/sys/user/max_user_namespaces").strip() or "0"),
            has_apparmor=self._reader.text("/sys/module/apparmor/parameters/enabled").strip() == "Y",
            docker=self._docker(states, daemon_keys),
            routes=parse_routes(self._reader.text("/proc/net/route")),
            listeners=self._listeners(),
            free_bytes=self._free_bytes("/var/lib"),
            policies=_policies(packages),
            has_package_lists=any("Packages" in name for name in self._reader.names("/var/lib/apt/lists")),
            broken_packages=tuple(sorted(name for name, state in states.items() if state not in _SETTLED)),
            ids=self._ids(),
            malformed_ids=self._malformed_ids(),
            kernel_items=items.read(),
            closed_items=items.closed_items(ledger),
            level=level_reached(ledger.applied),
            lacking=find_lacking(ledger.applied),
            applied=tuple(owner.control for owner in ledger.applied if owner not in ledger.applying),
            unfinished=tuple(str(owner) for owner in ledger.applying),
            on_trial=str(ledger.trial.owner) if ledger.trial else "",
            unproven=ledger.unproven,
            has_docker_network=has_docker_network(ledger),
            gateway_kind=self._gateway_kind(),
        )

    def _gateway_kind(self) -> str:
        folder = f"/sys/class/net/{BRIDGE}"
        if not self._reader.exists(folder):
            return ""
        return "bridge" if self._reader.exists(f"{folder}/bridge") else "no bridge"

    def _docker(self, states: dict[str, str], daemon_keys: Mapping[str, Any]) -> DockerFacts:
        reader = StartReader(self._outside)
        service = reader.read_service()
        start = reader.read_files(service)
        remapped_to = start.values.get(REMAP_KEY)
        docker = DockerFacts(
            start.version,
            tuple(name for name in DOCKER_PACKAGES if states.get(name) == "installed"),
            is_running=service.is_active and start.version is not None,
            remapped_to=None if remapped_to is None else str(remapped_to),
        )
        info = None
        if can_be_asked(service, start):
            api = DockerApi(self._outside.path(DOCKER_SOCKET), ANSWER_TIMEOUT)
            try:
                info = api.get("/info")
                docker = _with_objects(docker, api)
            except DockerUnreachableError as error:
                docker = replace(docker, silence=error.message)
        return replace(docker, start=reader.validate(start, daemon_keys, info))

    def _listeners(self) -> tuple[Listener, ...]:
        """Those that matter here, with their programs' names: finding a name means looking at every process."""
        found = [
            listener
            for protocol in _PROTOCOLS
            for listener in parse_listeners(self._reader.text(f"/proc/net/{protocol}"), protocol)
            if takes_gateway(listener)
        ]
        return tuple(_named(listener, self._program_of(listener.inode)) for listener in found)

    def _program_of(self, inode: int) -> str:
        for process in self._reader.names("/proc"):
            if process.isdigit() and self._has_socket(f"/proc/{process}/fd", f"socket:[{inode}]"):
                return self._reader.text(f"/proc/{process}/comm").strip()
        return ""

    def _has_socket(self, folder: str, link: str) -> bool:
        return any(self._reader.link(f"{folder}/{name}") == link for name in self._reader.names(folder))

    def _missing_modules(self, kernel: str) -> tuple[str, ...]:
        folder = f"/lib/modules/{kernel}"
        lists = self._reader.text(f"{folder}/modules.dep") + self._reader.text(f"{folder}/modules.builtin")
        known = parse_module_names(lists)
        loaded = {name.replace("-", "_") for name in self._reader.names("/sys/module")}
        file_systems = set(self._reader.text("/proc/filesystems").split())
        return tuple(name for name in MODULES if name not in known | loaded | file_systems)

    def _ids(self) -> tuple[IdRange, ...]:
        accounts = [parse_accounts(self._reader.text(path), path) for path in ("/etc/passwd", "/etc/group")]
        ranges = [parse_ranges(self._reader.text(path), path) for path in RANGE_TABLES]
        return tuple(taken for table in (*accounts, *ranges) for taken in table)

    def _malformed_ids(self) -> tuple[str, ...]:
        tables = {path: self._reader.text(path) for path in RANGE_TABLES}
        return tuple(line for path, text in tables.items() for line in find_malformed_lines(text, path))

    def _package_states(self) -> dict[str, str]:
        result = run_command(("dpkg-query", "--show", f"--showformat={QUERY_FORMAT}"), accept=(0, 1))
        return parse_query(result.out)

    def _free_bytes(self, path: str) -> int:
        found = os.statvfs(self._outside.path(path))
        return found.f_bavail * found.f_frsize


def _with_objects(docker: DockerFacts, api: DockerApi) -> DockerFacts:
    networks = {found["Name"]: (subnet,) for found in api.get("/networks") if (subnet := parse_network(found).subnet)}
    names = list(map(container_name, api.get("/containers/json")))
    old_network = api.find(f"/networks/{DOCKER_NETWORK}") or {}
    return replace(
        docker,
        networks=networks,
        containers=others_containers(names),
        sessions=open_sessions(names),
        beside_sessions=others_containers(attached_containers(old_network).values()),
    )


def _named(listener: Listener, program: str) -> Listener:
    return Listener(listener.protocol, listener.address, listener.port, listener.inode, program)


def _policies(packages: Sequence[str]) -> dict[str, Policy]:
    return parse_policies(run_command(("apt-cache", "policy", *packages)).out) if packages else {}
