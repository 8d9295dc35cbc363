"""What a host is, as far as it decides whether it can be hardened, and the texts that say so."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, ip_address

from .._core.errors import SandboxError
from .dpkg import Policy
from .kernel_items import NOTHING, KernelFacts

_TCP_LISTEN = "0A"
_UDP_UNCONNECTED = "07"
_ROUTE_UP = 0x1
_DOCKER_VERSION = re.compile(r"version (\d+)\.(\d+)")
_EXEC_ARGV = re.compile(r"argv\[\]=(?P<argv>.*?) ;")


@dataclass(frozen=True)
class Distribution:
    """From /etc/os-release: `debian`, `13`, `Debian GNU/Linux 13 (trixie)`. Testing and unstable have no version."""

    id: str
    version: str
    title: str


@dataclass(frozen=True)
class Listener:
    """A socket that waits for others. `program` is empty where its process could not be found."""

    protocol: str
    address: str
    port: int
    inode: int
    program: str = ""

    @property
    def is_wildcard(self) -> bool:
        return ip_address(self.address).is_unspecified


@dataclass(frozen=True)
class Route:
    network: IPv4Network
    device: str


@dataclass(frozen=True)
class IdRange:
    """Ids that somebody has: an account's one id, or a range of subordinate ids."""

    path: str
    name: str
    first: int
    count: int = 1

    def overlaps(self, first: int, count: int) -> bool:
        return self.first < first + count and first < self.first + self.count

    def __str__(self) -> str:
        """As errors name it: `eve has 60601 in /etc/passwd`, `eve has 100000 to 165535 in /etc/subuid`."""
        last = f" to {self.first + self.count - 1}" if self.count > 1 else ""
        return f"{self.name} has {self.first}{last} in {self.path}"


@dataclass(frozen=True)
class DockerFacts:
    """What there is of Docker Engine. `networks`, `containers` (others'), `sessions` and `beside_sessions` (others' on
    the network that release 0.1.0 made for sessions) are known only while it runs.

    `remapped_to`: the value of `userns-remap` in daemon.json, None when it is not there.
    """

    version: tuple[int, int] | None = None
    packages: Collection[str] = ()
    is_running: bool = False
    flags: tuple[str, ...] = ()
    config_error: str = ""
    networks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    containers: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    beside_sessions: tuple[str, ...] = ()
    remapped_to: str | None = None


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
    unfinished: tuple[str, ...] = ()
    on_trial: str = ""
    unproven: str = ""
    has_docker_network: bool = False
    gateway_kind: str = ""


def parse_os_release(text: str) -> Distribution:
    words = shlex.split(text, comments=True)
    values = dict(word.split("=", 1) for word in words if "=" in word)
    return Distribution(values.get("ID", "linux"), values.get("VERSION_ID", ""), values.get("PRETTY_NAME", "unknown"))


def parse_routes(text: str) -> tuple[Route, ...]:
    """The main table, from /proc/net/route, where addresses are the machine's own integers: little-endian ones."""
    rows = [line.split() for line in text.splitlines()[1:]]
    return tuple(
        Route(IPv4Network((_address(row[1]), str(_address(row[7])))), row[0])
        for row in rows
        if len(row) > 7 and int(row[3], 16) & _ROUTE_UP
    )


def _address(text: str) -> IPv4Address:
    return IPv4Address(bytes.fromhex(text)[::-1])


def parse_listeners(text: str, protocol: str) -> tuple[Listener, ...]:
    """From /proc/net/tcp, tcp6, udp or udp6; `protocol` is that name."""
    wanted = _TCP_LISTEN if protocol.startswith("tcp") else _UDP_UNCONNECTED
    rows = [line.split() for line in text.splitlines()[1:]]
    return tuple(_listener(row, protocol) for row in rows if len(row) > 9 and row[3] == wanted)


def _listener(row: list[str], protocol: str) -> Listener:
    address, port = row[1].split(":")
    raw = bytes.fromhex(address)
    words = b"".join(raw[i : i + 4][::-1] for i in range(0, len(raw), 4))
    return Listener(protocol, str(ip_address(words)), int(port, 16), int(row[9]))


def parse_accounts(text: str, path: str) -> tuple[IdRange, ...]:
    """The ids of /etc/passwd or /etc/group: the third field of both. Lines that are no entry are nobody's."""
    rows = [line.split(":") for line in text.splitlines()]
    return tuple(IdRange(path, row[0], int(row[2])) for row in rows if len(row) > 2 and row[2].isdigit())


def parse_ranges(text: str, path: str) -> tuple[IdRange, ...]:
    """The ranges of /etc/subuid or /etc/subgid, as Docker reads them: without blanks around them, and no comments."""
    lines = (line.strip() for line in text.splitlines())
    rows = [line.split(":") for line in lines if not line.startswith("#")]
    return tuple(
        IdRange(path, row[0], int(row[1]), int(row[2]))
        for row in rows
        if len(row) == 3 and row[1].isdigit() and row[2].isdigit()
    )


def parse_module_names(text: str) -> frozenset[str]:
    """The names in modules.dep or modules.builtin, with underscores, without folder or ending."""
    files = (line.split(":", 1)[0] for line in text.splitlines())
    return frozenset(name.rsplit("/", 1)[-1].split(".ko", 1)[0].replace("-", "_") for name in files if name)


def parse_docker_version(text: str) -> tuple[int, int]:
    """From `dockerd --version`."""
    found = _DOCKER_VERSION.search(text)
    if found is None:
        raise SandboxError(f"dockerd --version: expected a version, found {text.strip()!r}")
    return int(found[1]), int(found[2])


def parse_exec_start(text: str) -> tuple[str, ...]:
    """The arguments of a unit's program, from `systemctl show --property=ExecStart`, variables as they stand."""
    found = _EXEC_ARGV.search(text)
    return tuple(found["argv"].split()) if found else ()
