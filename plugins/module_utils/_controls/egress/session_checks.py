"""Whether a session's network holds its wire to the gateway and nothing else, and the filter is in force. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network

from ..container.spec import SessionSpec
from ..session_view import KernelView, NetworkView
from .keys import Network
from .link import INNER_NAME, SessionLink

# Files of /proc/PID/net. Of sockets, one line each below a heading; the later ones are there only where the kernel has
# that protocol.
SOCKETS = ("tcp", "udp", "raw", "unix", "packet", "netlink")
SOCKETS_IF_THERE = ("tcp6", "udp6", "raw6", "udplite", "udplite6", "icmp", "icmp6")
TABLES = ("dev", "route", "arp", "ipv6_route", "if_inet6")
NET_FILES = (*SOCKETS, *SOCKETS_IF_THERE, *TABLES)
# Of /sys/class/net/PORT/brport: what the port of a session has to be.
PORT_SETTINGS = {
    "isolated": "1",
    "learning": "0",
    "unicast_flood": "0",
    "multicast_flood": "0",
    "broadcast_flood": "0",
}
# What a kernel with these modules puts into every new namespace: down, without an address, without a route.
_FALLBACK_TUNNELS = frozenset(
    (
        *("tunl0", "gre0", "gretap0", "erspan0", "ip_vti0"),
        *("sit0", "ip6tnl0", "ip6gre0", "ip6gretap0", "ip6erspan0", "ip6_vti0"),
    )
)
_LOOPBACK = "lo"
# The kernel gives this route to every interface, with or without an address, whether or not it carries such packets.
_IPV6_MULTICAST = [f"ff{0:030x}", "08"]
_PERMANENT = "0x6"
_NETLINK_ROUTE = "0"


def find_missing(spec: SessionSpec, slot: int, view: KernelView) -> list[str]:
    """The session's network, and the tables that filter it."""
    return [*find_missing_in_network(spec, slot, view.network), *_check_tables(spec, view.nft_digests)]


def find_missing_in_network(spec: SessionSpec, slot: int, view: NetworkView) -> list[str]:
    """What the session's network lacks, or has too much, in short sentences. What cannot be parsed is missing."""
    link = spec.link(slot)
    try:
        return [
            *_check_port(spec.network, link, view),
            *_check_sockets(view.net),
            *_check_interfaces(view.net),
            *_check_routes(spec.network, view.net),
            *_check_neighbours(spec.network, view.net),
        ]
    except (ValueError, IndexError) as error:
        return [f"what the kernel says of the session's network cannot be read: {error}"]


def _check_port(network: Network, link: SessionLink, view: NetworkView) -> Iterator[str]:
    if view.bridge != network.bridge:
        yield f"{link.port} is not a port of {network.bridge}, but of {view.bridge or 'no bridge'}"
    elif view.mac.strip() != network.mac:
        yield f"the address of {network.bridge} is {view.mac.strip() or 'unknown'}, not {network.mac}"
    for name, value in PORT_SETTINGS.items():
        found = view.port.get(name, "").strip()
        if found != value:
            yield f"{link.port}: {name} is {found or 'unknown'}, not {value}"


def _check_sockets(net: Mapping[str, str]) -> Iterator[str]:
    """Whoever has a socket in there answers past the filter, or listens."""
    for name in (*SOCKETS, *SOCKETS_IF_THERE):
        heading, *rows = net.get(name, "").splitlines() or [""]
        if not heading and name in SOCKETS:
            yield f"the sockets of {name} cannot be read"
        foreign = [row for row in rows if name != "netlink" or not _is_harmless(row)]
        if foreign:
            yield f"{len(foreign)} sockets of {name} are open in the session's network"


def _is_harmless(netlink: str) -> bool:
    """The kernel's own, which have no process; and dockerd's to the routing netlink, which it keeps in the namespace of
    each of its containers: to send to another process's takes CAP_NET_ADMIN.
    """
    _unused, protocol, process = netlink.split()[:3]
    return process == "0" or protocol == _NETLINK_ROUTE


def _check_interfaces(net: Mapping[str, str]) -> Iterator[str]:
    names = {line.split(":")[0].strip() for line in net.get("dev", "").splitlines()[2:]}
    for name in sorted({_LOOPBACK, INNER_NAME} - names):
        yield f"there is no interface {name}"
    for name in sorted(names - {_LOOPBACK, INNER_NAME} - _FALLBACK_TUNNELS):
        yield f"there is an interface {name}"
    for line in net.get("if_inet6", "").splitlines():
        name = line.split()[-1]
        if name != _LOOPBACK:
            yield f"{name} has an IPv6 address"


def _check_routes(network: Network, net: Mapping[str, str]) -> Iterator[str]:
    """One route, to the session network by its own link."""
    routes = [line.split() for line in net.get("route", "").splitlines()[1:]]
    for columns in routes:
        if columns[2] != "00000000" or _read_subnet(columns[1], columns[7]) != network.subnet:
            yield f"there is a route beyond the session network {network.subnet} on {columns[0]}"
    if [columns[0] for columns in routes] != [INNER_NAME]:
        yield f"expected one route, on {INNER_NAME}, found {len(routes)}"
    for line in net.get("ipv6_route", "").splitlines():
        columns = line.split()
        if columns[-1] != _LOOPBACK and columns[:2] != _IPV6_MULTICAST:
            yield f"there is an IPv6 route on {columns[-1]}"


def _read_subnet(destination: str, mask: str) -> IPv4Network:
    """Of /proc/net/route: an address in hexadecimal, its last byte first, as these machines store a number."""
    address, bits = (int(text, 16).to_bytes(4, "little") for text in (destination, mask))
    return IPv4Network((address, str(IPv4Address(bits))))


def _check_neighbours(network: Network, net: Mapping[str, str]) -> Iterator[str]:
    """Of /proc/net/arp: address, type of hardware, flags, hardware address, mask, interface."""
    expected = [str(network.gateway), "0x1", _PERMANENT, network.mac, "*", INNER_NAME]
    rows = [line.split() for line in net.get("arp", "").splitlines()[1:]]
    if expected not in rows:
        yield f"the gateway {network.gateway} is not known for good"
    for row in rows:
        if row != expected:
            yield f"there is a neighbour {row[0]} on {row[-1]}"


def _check_tables(spec: SessionSpec, digests: Mapping[tuple[str, str], str]) -> list[str]:
    missing = []
    for table in spec.nft_tables:
        found = digests.get((table.family, table.name))
        if found is None:
            missing.append(f"the nftables table {table.family} {table.name} is not there")
        elif found != table.sha256:
            missing.append(f"the nftables table {table.family} {table.name} is not as it was written")
    return missing
