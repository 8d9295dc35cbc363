"""Routes and listening sockets, from the files below /proc/net. Source: proc_net(5)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, ip_address

_TCP_LISTEN = "0A"
_UDP_UNCONNECTED = "07"
_ROUTE_UP = 0x1
MAIN = "main"


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
    """`device` is empty where packets go nowhere. `kind`: as in ip-route(8), such as `unicast` or `blackhole`."""

    network: IPv4Network
    device: str
    table: str = MAIN
    kind: str = "unicast"


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
