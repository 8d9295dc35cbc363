"""The egress policy: which names sessions reach, by which addresses, how often. Parameters in, a checked policy out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError, collapse_addresses
from typing import Any, Callable, NamedTuple, TypeVar

from ..faults import Fault
from ..names import BRIDGE
from .link import BRIDGE_MAC
from .names import AllowedName, EgressError, find_duplicates, read_allowed_name

T = TypeVar("T")

# Until 0.1.0 the sessions' network was one of Docker's, on a bridge that Docker made.
DOCKER_NETWORK = "ably-sandbox"
DOCKER_BRIDGE = "ably-sandbox0"
TABLE = "ably_sandbox"
FAMILIES = ("inet", "bridge")
PORT = 443

# Where a session network may lie: RFC 1918 and, for hosts that have used all of that up, RFC 6598.
SESSION_SPACE = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
# Where an allowed name must never lead: space in which somebody's inside hosts can sit, and what is no host at all.
# The documentation networks (192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24) are not here: nobody's hosts are in them.
REFUSED_NETWORKS = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Of the addresses that hosts may have: the gateway's, and one that nobody is ever given.
_RESERVED_ADDRESSES = 2


class _Bounds(NamedTuple):
    least: int
    most: int
    what: str


_COUNTS = {
    "sessions": _Bounds(1, 1000, "a number of sessions"),
    "connections": _Bounds(1, 1000, "a number of connections at once"),
    "connection_rate": _Bounds(1, 1000, "new connections a second"),
    "dns_rate": _Bounds(1, 1000, "DNS questions a second"),
    "idle_timeout": _Bounds(30, 86400, "seconds"),
    "proxy_uid": _Bounds(1, 65533, "a user id"),
}
# What `parse_policy` reads, all of it needed.
PARAMETERS = ("allowed_names", "subnet", "gateway", "refused_networks", "resolvers", *_COUNTS)

# The same as an argument spec.
_ITEMS = {"type": "list", "elements": "str"}
POLICY_ARGUMENTS: dict[str, Any] = {
    "allowed_names": {**_ITEMS, "required": True},
    "subnet": {"type": "str", "required": True},
    "gateway": {"type": "str", "required": True},
    **{name: {"type": "int", "required": True} for name in _COUNTS},
    "refused_networks": {**_ITEMS, "default": []},
    "resolvers": {**_ITEMS, "default": []},
}


@dataclass(frozen=True)
class Limits:
    """For each session: connections at once, new ones a second, DNS questions a second; seconds a silent one lives."""

    connections: int
    connection_rate: int
    dns_rate: int
    idle_timeout: int


@dataclass(frozen=True)
class EgressPolicy:
    """What the gateway does. `refused_networks` come on top of those that are always refused.

    `resolvers`: where the proxy asks for addresses; none given means the name servers of the host's resolv.conf.
    `proxy_uid`: the id that the proxy runs as, and nobody else; the filter tells the proxy's packets by it.
    """

    allowed_names: tuple[AllowedName, ...]
    subnet: IPv4Network
    gateway: IPv4Address
    sessions: int
    limits: Limits
    refused_networks: tuple[IPv4Network, ...]
    resolvers: tuple[IPv4Address, ...]
    proxy_uid: int

    @property
    def refused(self) -> tuple[IPv4Network, ...]:
        """Every network that an allowed name must not lead to: in order, and merged as nftables merges them."""
        return tuple(collapse_addresses((*REFUSED_NETWORKS, *self.refused_networks)))

    @property
    def most_connections(self) -> int:
        """Of all sessions together, with some room for connections that are being refused."""
        return self.sessions * (self.limits.connections + 8)


class _Reader:
    """Reads parameters and gathers every fault, so that a person sees all of them at once."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self._params = params
        self.faults: list[Fault] = []

    def _attempt(self, read: Callable[[object], T], raw: object, place: str = "") -> T | None:
        try:
            return read(raw)
        except EgressError as error:
            self.faults += (replace(fault, place=place) for fault in error.faults)
            return None

    def value(self, key: str, read: Callable[[str, object], T]) -> T | None:
        return self._attempt(lambda raw: read(key, raw), self._params.get(key))

    def count(self, key: str) -> int | None:
        return self.value(key, _read_count)

    def items(self, key: str, read: Callable[[object], T]) -> tuple[T, ...]:
        raw = self._params.get(key)
        if not isinstance(raw, (list, tuple)):
            self.faults.append(Fault(key, "a list", repr(raw)))
            return ()
        read_items = (self._attempt(read, item, f"[{number}]") for number, item in enumerate(raw))
        return tuple(item for item in read_items if item is not None)


def _read_count(key: str, raw: object) -> int:
    bounds = _COUNTS[key]
    if isinstance(raw, bool) or not isinstance(raw, int) or not bounds.least <= raw <= bounds.most:
        expected = f"{bounds.what} from {bounds.least} to {bounds.most}"
        raise EgressError(Fault(key, expected, repr(raw)))
    return raw


def _read_network(key: str, raw: object) -> IPv4Network:
    fault = Fault(key, "an IPv4 network such as 10.213.0.0/24", repr(raw))
    if not isinstance(raw, str):
        raise EgressError(fault)
    try:
        return IPv4Network(raw)
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise EgressError(replace(fault, found=f"{raw!r}: {error}")) from error


def _read_address(key: str, raw: object) -> IPv4Address:
    fault = Fault(key, "an IPv4 address", repr(raw))
    if not isinstance(raw, str):
        raise EgressError(fault)
    try:
        return IPv4Address(raw)
    except AddressValueError as error:
        raise EgressError(fault) from error


def read_subnet(key: str, raw: object) -> IPv4Network:
    network = _read_network(key, raw)
    if not any(network.subnet_of(space) for space in SESSION_SPACE):
        expected = ", ".join(str(space) for space in SESSION_SPACE)
        raise EgressError(Fault(key, f"a network inside {expected}", str(network)))
    if not 16 <= network.prefixlen <= 29:
        raise EgressError(Fault(key, "a size from /29 to /16", str(network)))
    return network


def _check_addresses(subnet: IPv4Network, gateway: IPv4Address, sessions: int | None) -> list[Fault]:
    """What the three say together."""
    faults = []
    if gateway not in subnet or gateway in {subnet.network_address, subnet.broadcast_address}:
        faults.append(Fault("gateway", f"a host address of {subnet}", str(gateway)))
    hosts = subnet.num_addresses - 2  # without the network's own address and the broadcast address
    if sessions is not None and sessions + _RESERVED_ADDRESSES > hosts:
        wanted = sessions + _RESERVED_ADDRESSES
        faults.append(Fault("subnet", f"{wanted} addresses for {sessions} sessions", f"{hosts} in {subnet}"))
    return faults


def _check_names(names: tuple[AllowedName, ...], given: object) -> list[Fault]:
    if not given:
        return [Fault("allowed_names", "at least one name", "none")]
    return [Fault("allowed_names", "each name once", f"{str(name)!r} several times") for name in find_duplicates(names)]


def parse_policy(params: Mapping[str, Any]) -> EgressPolicy:
    """The policy that the parameters describe, or one `EgressError` that names all that is wrong with them.

    Shape: `EgressPolicy`'s fields and those of `Limits` as flat keys, with text for names, addresses and networks.
    """
    reader = _Reader(params)
    names = reader.items("allowed_names", read_allowed_name)
    subnet, gateway = reader.value("subnet", read_subnet), reader.value("gateway", _read_address)
    counts = {key: reader.count(key) for key in _COUNTS}
    refused = reader.items("refused_networks", lambda item: _read_network("refused_networks", item))
    resolvers = reader.items("resolvers", lambda item: _read_address("resolvers", item))
    reader.faults += _check_names(names, params.get("allowed_names"))
    if subnet and gateway:
        reader.faults += _check_addresses(subnet, gateway, counts["sessions"])
    if reader.faults or subnet is None or gateway is None:
        raise EgressError(*reader.faults, hint="nothing was changed; correct the variables of the egress role")
    given = {key: count for key, count in counts.items() if count is not None}
    sessions, proxy_uid = given.pop("sessions"), given.pop("proxy_uid")
    return EgressPolicy(names, subnet, gateway, sessions, Limits(**given), refused, resolvers, proxy_uid)


def render_fragment(policy: EgressPolicy, digests: Mapping[str, str]) -> str:
    """`12-network.json`. `digests`: family to the SHA-256 of what `nft -s -t list table FAMILY ably_sandbox` prints.

    Only the host's own nft can say what it lists, so that is measured there, before anything changes.
    """
    tables = [{"family": family, "name": TABLE, "sha256": digests[family]} for family in FAMILIES]
    network = {"bridge": BRIDGE, "mac": BRIDGE_MAC, "gateway": str(policy.gateway), "subnet": str(policy.subnet)}
    return json.dumps({"network": network, "nft_tables": tables}, indent=2) + "\n"
