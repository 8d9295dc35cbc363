"""What keeps dockerd from starting although its own validation passes it. Tried with 26.1. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_interface, ip_network

from ..._formats.docker_flags import values_of
from .start import Configuration, StartFacts

_STORAGE_DRIVERS = frozenset(
    {"aufs", "btrfs", "devicemapper", "fuse-overlayfs", "overlay", "overlay2", "vfs", "windowsfilter", "zfs"}
)
_IP6TABLES_FOR_ALL = (27, 0)


@dataclass(frozen=True)
class Fault:
    """The keys that cause it, what was found, and what Docker takes instead."""

    keys: tuple[str, ...]
    found: str
    expected: str


Search = Callable[[Configuration, StartFacts], Iterator[Fault]]


def find_faults(config: Configuration, start: StartFacts) -> tuple[Fault, ...]:
    return tuple(fault for search in _SEARCHES for fault in search(config, start))


def _in_runtimes(config: Configuration, start: StartFacts) -> Iterator[Fault]:
    del start
    runtimes = config.table("runtimes")
    if "runc" in runtimes:
        yield Fault(("runtimes",), "one by the name runc", "another name: Docker keeps runc for itself")
    for name, value in runtimes.items():
        if isinstance(value, Mapping) and not (value.get("path") or value.get("runtimeType")):
            yield Fault(("runtimes",), f"{name} without a path", "a path or a runtimeType")
    known = {"runc", *runtimes, *(value.partition("=")[0] for value in values_of(config.flags, "add-runtime"))}
    default = config.text("default-runtime", "runc")
    if default not in known and not default.startswith(("io.containerd.", "/")):
        yield Fault(("default-runtime",), default, f"one of {', '.join(sorted(known))}")


def _in_cgroups(config: Configuration, start: StartFacts) -> Iterator[Fault]:
    del start
    driver, parent = config.cgroup_driver, config.text("cgroup-parent")
    if driver not in {"systemd", "cgroupfs"}:
        yield Fault(("exec-opts",), f"native.cgroupdriver={driver}", "native.cgroupdriver=systemd")
    if driver == "systemd" and parent and not parent.endswith(".slice"):
        yield Fault(("cgroup-parent",), parent, "a slice, such as docker.slice")


def _in_storage(config: Configuration, start: StartFacts) -> Iterator[Fault]:
    """Where one runs already, what it has is compared: a snapshotter may have any name."""
    driver = config.text("storage-driver")
    if driver and start.running is None and driver not in _STORAGE_DRIVERS and config.image_store is None:
        yield Fault(("storage-driver",), driver, "overlay2, or another one that Docker has")
    profile = config.text("seccomp-profile")
    if profile in start.missing_files:
        yield Fault(("seccomp-profile",), f"{profile}, which is not there", "a file")


def _in_networks(config: Configuration, start: StartFacts) -> Iterator[Fault]:
    if not config.is_on("iptables", default=True) and not config.is_on("icc", default=True):
        yield Fault(("icc", "iptables"), "both false", "one of them true: without iptables nothing keeps icc")
    if config.text("bridge") and config.text("bip"):
        yield Fault(("bip", "bridge"), "both", "one of them alone")
    is_old = start.version is not None and start.version < _IP6TABLES_FOR_ALL
    has_ip6tables = config.is_on("ip6tables", default=False) and not config.is_on("experimental", default=False)
    if is_old and has_ip6tables:
        yield Fault(("ip6tables",), "true without experimental", "both, or none, before Docker 27")
    yield from _in_addresses(config)


def _in_addresses(config: Configuration) -> Iterator[Fault]:
    for key in ("bip", "bip6", "fixed-cidr", "fixed-cidr-v6"):
        text = config.text(key)
        if text and not ("/" in text and _is_address(ip_interface, text)):
            yield Fault((key,), text, "an address with the length of its range, such as 172.17.0.1/16")
    for pool in config.items("default-address-pools"):
        base, size = (pool.get("base"), pool.get("size")) if isinstance(pool, Mapping) else (None, None)
        if not _is_pool(base, size):
            yield Fault(("default-address-pools",), f"{base} in pieces of {size}", "a range, and a longer size")


def _in_mirrors(config: Configuration, start: StartFacts) -> Iterator[Fault]:
    del start
    for mirror in config.texts("registry-mirrors"):
        if not mirror.startswith(("http://", "https://")):
            yield Fault(("registry-mirrors",), mirror, "an address that begins with https://")


def _in_swarm(config: Configuration, start: StartFacts) -> Iterator[Fault]:
    if start.in_swarm and config.is_on("live-restore", default=False):
        yield Fault(("live-restore",), "true on a node of a swarm", "no live-restore, or no swarm")


def _is_address(kind: Callable[[str], object], text: str) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return True


def _is_pool(base: object, size: object) -> bool:
    if not isinstance(base, str) or not isinstance(size, int) or not _is_address(ip_interface, base):
        return False
    pool = ip_network(base, strict=False)
    return pool.prefixlen <= size <= pool.max_prefixlen


_SEARCHES: tuple[Search, ...] = (_in_runtimes, _in_cgroups, _in_storage, _in_networks, _in_mirrors, _in_swarm)
