"""Reads what preflight judges a host by. Changes nothing, and starts nothing: Docker is asked only while it runs."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from .._controls.docker.packages import packages_for
from .._controls.egress.control import has_docker_network
from .._controls.egress.preflight import takes_gateway
from .._controls.names import BRIDGE
from .._controls.preflight.asked import Asked
from .._controls.preflight.facts import HostFacts
from .._controls.registry import find_lacking, level_reached
from .._engine.ledger import fold
from .._formats.dpkg import (
    QUERY_FORMAT,
    LockHolder,
    find_half_done,
    find_not_installed,
    parse_candidates,
    parse_query,
)
from .._formats.proc_net import Listener, parse_listeners
from .account_reader import AccountReader
from .commands import last_lines, run_command
from .distribution import read_distribution
from .docker_reader import DockerReader
from .kernel_reader import KernelReader
from .module_reader import ModuleReader
from .outside import Outside
from .package_locks import PackageLocks
from .reading import Reader
from .route_reader import RouteReader
from .space_reader import SpaceReader
from .store import LedgerStore

_APT_FAILED = 100
_PROTOCOLS = ("tcp", "tcp6", "udp", "udp6")


class HostReader:
    """The host under the outside's root; commands and sockets are this machine's own."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._reader = Reader(outside)

    def read(self, packages: Sequence[str], asked: Asked, daemon_keys: Mapping[str, Any]) -> HostFacts:
        """All of it. `packages` are those whose availability matters, `daemon_keys` what Docker shall be told."""
        ledger = fold(LedgerStore(self._outside).read())
        kernel = platform.release()
        distribution = read_distribution(self._outside)
        states, missing, holder = self._packages(packages_for(packages, distribution))
        items = KernelReader(self._outside)
        docker = DockerReader(self._outside).read(states, daemon_keys)
        return HostFacts(
            distribution=distribution,
            architecture=platform.machine(),
            kernel=kernel,
            python=(sys.version_info[0], sys.version_info[1]),
            first_process=self._reader.text("/proc/1/comm").strip(),
            is_root=os.geteuid() == 0,
            is_cgroup_v2=self._reader.exists("/sys/fs/cgroup/cgroup.controllers"),
            controllers=frozenset(self._reader.text("/sys/fs/cgroup/cgroup.controllers").split()),
            modules=ModuleReader(self._outside, kernel).read(),
            has_seccomp=self._reader.exists("/proc/sys/kernel/seccomp/actions_avail"),
            namespaces=frozenset(self._reader.names("/proc/self/ns")),
            user_namespaces=int(self._reader.text("/proc/sys/user/max_user_namespaces").strip() or "0"),
            has_apparmor=self._reader.text("/sys/module/apparmor/parameters/enabled").strip() == "Y",
            docker=docker,
            listeners=self._listeners(),
            space=SpaceReader(self._outside).read(docker.start, bool(missing)),
            has_package_lists=any("Packages" in name for name in self._reader.names("/var/lib/apt/lists")),
            broken_packages=find_half_done(states),
            package_holder=holder,
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
            **_packages_to_come(missing),
            **self._others(asked),
        )

    def _others(self, asked: Asked) -> dict[str, Any]:
        """Fields of the facts: what others have of ids and of the network."""
        accounts, network = AccountReader(self._outside).read(asked), RouteReader(self._outside).read(asked.address)
        return {
            "ids": accounts.ids,
            "malformed_ids": accounts.malformed,
            "accounts": accounts.accounts,
            "unasked_ranges": accounts.unasked_ranges,
            "routes": network.routes,
            "rules": network.rules,
            "addresses": network.addresses,
            "chosen_route": network.chosen,
        }

    def _gateway_kind(self) -> str:
        folder = f"/sys/class/net/{BRIDGE}"
        if not self._reader.exists(folder):
            return ""
        return "bridge" if self._reader.exists(f"{folder}/bridge") else "no bridge"

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
            if process.isdigit() and self._reader.has_open(process, f"socket:[{inode}]"):
                return self._reader.text(f"/proc/{process}/comm").strip()
        return ""

    def _packages(self, asked: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...], LockHolder | None]:
        """The states of all, the missing ones of those that are asked for, and who is at work on them: before or
        after, for then the states are not what there will be.
        """
        locks = PackageLocks(self._outside)
        before = locks.find_holder()
        states = self._package_states()
        return states, find_not_installed(asked, states), before or locks.find_holder()

    def _package_states(self) -> dict[str, str]:
        result = run_command(("dpkg-query", "--show", f"--showformat={QUERY_FORMAT}"), accept=(0, 1))
        return parse_query(result.out)


def _named(listener: Listener, program: str) -> Listener:
    return Listener(listener.protocol, listener.address, listener.port, listener.inode, program)


def _packages_to_come(missing: tuple[str, ...]) -> dict[str, Any]:
    """Fields of the facts: in which versions they could be installed, or what apt has against its own sources."""
    if not missing:
        return {"missing_packages": (), "candidates": {}}
    result = run_command(("apt-cache", "policy", *missing), accept=(0, _APT_FAILED))
    refusal = last_lines(result) if result.status == _APT_FAILED else ""
    return {"missing_packages": missing, "candidates": parse_candidates(result.out), "apt_refusal": refusal}
