"""What follows from a session's slot in the session network: its port, its address, its hardware address.

Nothing is learned and nothing is asked for: host, filter and session are each told the same by this page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from itertools import islice

from ..._engine.errors import SandboxError
from ..names import PORT_PREFIX

BRIDGE_MAC = "02:ab:1e:00:00:00"
# Of a session, as it sees its own.
INNER_NAME = "eth0"


@dataclass(frozen=True)
class SessionLink:
    """One slot's. `port` is the host's end, whose own hardware address is of no importance; `mac` is the session's."""

    port: str
    port_mac: str
    mac: str
    address: IPv4Address


def link_of(slot: int, subnet: IPv4Network, gateway: IPv4Address) -> SessionLink:
    """The slot's link: addresses in their order, without the gateway's. SandboxError where they are too few."""
    for address in islice(_session_addresses(subnet, gateway), slot, None):
        return _make(slot, address)
    raise SandboxError(f"network {subnet}: has no address for session {slot}", "run the playbook again")


def links_of(sessions: int, subnet: IPv4Network, gateway: IPv4Address) -> tuple[SessionLink, ...]:
    """Those of all slots, in their order."""
    return tuple(map(_make, range(sessions), _session_addresses(subnet, gateway)))


def _make(slot: int, address: IPv4Address) -> SessionLink:
    high, low = divmod(slot, 256)
    return SessionLink(
        port=f"{PORT_PREFIX}{slot:03d}",
        port_mac=f"02:ab:1e:02:{high:02x}:{low:02x}",
        mac=f"02:ab:1e:01:{high:02x}:{low:02x}",
        address=address,
    )


def _session_addresses(subnet: IPv4Network, gateway: IPv4Address) -> Iterator[IPv4Address]:
    return (address for address in subnet.hosts() if address != gateway)
