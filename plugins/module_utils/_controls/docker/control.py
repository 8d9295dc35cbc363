"""The controls `packages` and `docker`: what is installed, and a healthy Docker Engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._engine.resources import Control, Wish
from ..._formats.daemon_json import check_daemon_keys
from ..._formats.resource_facts import DockerChainsFacts
from ..._formats.systemd import UnitStatus
from ..wishes import folder, footprint, json_key, package, repaired, restart_unit, unit
from .descriptor import DOCKER, PACKAGES

DAEMON_JSON = "/etc/docker/daemon.json"
SOCKET = "docker.socket"
DOCKER_UNITS = ("containerd.service", SOCKET, "docker.service")
VALIDATE = ("dockerd", "--validate", "--config-file", "{}")
HEALTH = ("docker", "version", "--format", "{{.Server.Version}}")
# Reached for the sake of Docker's unit and of ours, on a host where no other unit had asked for them.
_TARGETS = ("network-pre.target", "network-online.target")
# Made by containerd when it first starts, and empty.
_CONTAINERD_FOLDERS = ("/etc/cni", "/etc/cni/net.d")
# Every account that the maintainer scripts of our packages and of what they bring make, and where.
_ACCOUNTS = {
    "/etc/passwd": ("haproxy", "dnsmasq"),
    "/etc/shadow": ("haproxy", "dnsmasq"),
    "/etc/group": ("haproxy", "docker"),
    "/etc/gshadow": ("haproxy", "docker"),
}
# The shadow suite keeps the former version of each beside it.
_ACCOUNT_FILES = ("passwd", "passwd-", "group", "group-", "shadow", "shadow-", "gshadow", "gshadow-")
_ID_RANGE_FILES = ("subuid", "subuid-", "subgid", "subgid-")


def packages_control(names: Sequence[str]) -> Control:
    """Debian packages by name, and the account files that installing them moves."""
    wishes = (
        # Emptied by the removal of a package's profile, dpkg takes this folder along.
        footprint("file", "/etc/apparmor.d/disable"),
        *(footprint("shared_file", f"/etc/{name}") for name in (*_ACCOUNT_FILES, *_ID_RANGE_FILES)),
        *(footprint("table_entry", f"{path}#{name}") for path, names_ in _ACCOUNTS.items() for name in names_),
        # On the way back it comes after the packages: what they brought along, and nobody needs, goes as well.
        footprint("package_set", "host"),
        *(package(name) for name in names),
    )
    return Control(PACKAGES.owner, wishes)


def choose_units(there: Mapping[str, UnitStatus], hosts: Sequence[str]) -> tuple[str, ...]:
    """Those of Docker's units that this host's Docker lives by: Debian's, unless somebody has made it otherwise.

    A socket that Docker is not handed cannot be started beside it.
    """
    if there["docker.service"].load == "not-found":
        return DOCKER_UNITS
    has_socket = there[SOCKET].is_active or any(host.startswith("fd://") for host in hosts)
    return tuple(name for name in DOCKER_UNITS if there[name].load != "not-found" and (has_socket or name != SOCKET))


def docker_control(daemon_config: Mapping[str, Any], units: Sequence[str] = DOCKER_UNITS) -> Control:
    """Docker with these top-level keys of its configuration. Risky: its restart sets packet filters and sysctls.

    `units`: those of Docker's that run, and start at boot.

    Raises SandboxError for a key that is not to be set here or a value of the wrong type, without Docker as well.
    """
    check_daemon_keys(daemon_config)
    wishes = (
        *(footprint("unit", name) for name in _TARGETS),
        footprint("docker_trace", "host"),
        *(footprint("file", path) for path in _CONTAINERD_FOLDERS),
        folder("/etc/docker"),
        footprint("shared_file", DAEMON_JSON),
        *_daemon_keys(daemon_config),
        *(unit(name) for name in units),
        repaired("docker_chains", "host", DockerChainsFacts(in_place=True)),
    )
    return Control(DOCKER.owner, wishes, health=(HEALTH,), is_risky=True)


def _daemon_keys(daemon_config: Mapping[str, Any]) -> tuple[Wish, ...]:
    activation = restart_unit("docker.service")
    return tuple(
        json_key(DAEMON_JSON, key, value, activation, check=VALIDATE) for key, value in sorted(daemon_config.items())
    )
