"""Messages of the kernel's routing netlink, as bytes: links, addresses, neighbours, entries of a bridge's table.

Source: netlink(7), rtnetlink(7); linux/netlink.h, rtnetlink.h, if_link.h, if_addr.h, neighbour.h, veth.h.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import NamedTuple

from .._engine.errors import SandboxError

Attributes = Iterable["tuple[int, bytes]"]

_IFF_UP = 0x1
_IFF_NOARP = 0x80
_IFF_MULTICAST = 0x1000

_NLMSG_ERROR = 2
_REQUEST, _ACK, _REPLACE, _EXCL, _CREATE = 0x1, 0x4, 0x100, 0x200, 0x400
_NEWLINK, _DELLINK, _SETLINK, _NEWADDR, _NEWNEIGH, _DELNEIGH = 16, 17, 19, 20, 28, 29

_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_MASTER, _IFLA_PROTINFO, _IFLA_LINKINFO = 1, 3, 10, 12, 18
_IFLA_AF_SPEC, _IFLA_NET_NS_FD = 26, 28
_IFLA_INFO_KIND, _IFLA_INFO_DATA = 1, 2
_VETH_INFO_PEER = 1
_IFLA_INET6_ADDR_GEN_MODE = 8
_ADDR_GEN_MODE_NONE = 1
_IFLA_BRPORT = {"learning": 8, "unicast_flood": 9, "multicast_flood": 27, "broadcast_flood": 30, "isolated": 33}
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_NDA_DST, _NDA_LLADDR = 1, 2
_NUD_NOARP, _NUD_PERMANENT = 0x40, 0x80
_NTF_MASTER = 0x04
_NESTED = 0x8000

# Families of addresses.
_UNSPEC, _INET, _BRIDGE, _INET6 = 0, 2, 7, 10


class Request(NamedTuple):
    """What the kernel is asked to do: the message's type, its flags, and what follows its header."""

    kind: int
    flags: int
    body: bytes


def encode_attributes(attributes: Attributes) -> bytes:
    """Each with its length and its type, padded to four bytes."""
    return b"".join(
        struct.pack("=HH", len(value) + 4, kind) + value + bytes(-len(value) % 4) for kind, value in attributes
    )


def encode_message(request: Request, sequence: int) -> bytes:
    """A whole message. The kernel acknowledges it under `sequence`."""
    flags = request.flags | _REQUEST | _ACK
    return struct.pack("=IHHII", len(request.body) + 16, request.kind, flags, sequence, 0) + request.body


def parse_acknowledgement(data: bytes) -> tuple[int, int]:
    """Sequence number and error number (0 for none) of the kernel's answer."""
    _unused, kind, _unused, sequence, _unused = struct.unpack_from("=IHHII", data)
    if kind != _NLMSG_ERROR:
        raise SandboxError(f"netlink: expected an acknowledgement, found a message of type {kind}")
    return sequence, -struct.unpack_from("=i", data, 16)[0]


def add_veth(name: str, mac: str, peer: str, peer_mac: str, namespace: int) -> Request:
    """A pair of interfaces: `name` here, `peer` in the network namespace of that descriptor. Both are down.

    The inner one never asks for the addresses of others (NOARP): whom it may reach it is told.
    """
    inner = _link(flags=_IFF_NOARP) + encode_attributes(
        [
            (_IFLA_IFNAME, _text(peer)),
            (_IFLA_ADDRESS, _mac(peer_mac)),
            (_IFLA_NET_NS_FD, struct.pack("=I", namespace)),
        ]
    )
    data = encode_attributes([(_VETH_INFO_PEER | _NESTED, inner)])
    info = encode_attributes([(_IFLA_INFO_KIND, b"veth"), (_IFLA_INFO_DATA | _NESTED, data)])
    attributes = [(_IFLA_IFNAME, _text(name)), (_IFLA_ADDRESS, _mac(mac)), (_IFLA_LINKINFO | _NESTED, info)]
    return Request(_NEWLINK, _CREATE | _EXCL, _link() + encode_attributes(attributes))


def delete_link(name: str) -> Request:
    """An interface by its name; its other end goes with it."""
    return Request(_DELLINK, 0, _link() + encode_attributes([(_IFLA_IFNAME, _text(name))]))


def set_up(index: int) -> Request:
    """The interface carries packets from now on, those to groups aside."""
    return Request(_SETLINK, 0, _link(index, _IFF_UP, _IFF_UP | _IFF_MULTICAST))


def set_master(index: int, master: int) -> Request:
    """The interface becomes a port of a bridge."""
    return Request(_SETLINK, 0, _link(index) + encode_attributes([(_IFLA_MASTER, struct.pack("=I", master))]))


def set_port(index: int, **settings: bool) -> Request:
    """What a bridge does with a port: `isolated`, `learning`, `unicast_flood`, `multicast_flood`, `broadcast_flood`."""
    port = encode_attributes([(_IFLA_BRPORT[name], bytes([value])) for name, value in settings.items()])
    body = struct.pack("=BBHiII", _BRIDGE, 0, 0, index, 0, 0)
    return Request(_SETLINK, 0, body + encode_attributes([(_IFLA_PROTINFO | _NESTED, port)]))


def forgo_ipv6_address(index: int) -> Request:
    """The interface gets no address of its own on its link. EAFNOSUPPORT where the kernel has no IPv6."""
    mode = encode_attributes([(_IFLA_INET6_ADDR_GEN_MODE, bytes([_ADDR_GEN_MODE_NONE]))])
    spec = encode_attributes([(_INET6 | _NESTED, mode)])
    return Request(_SETLINK, 0, _link(index) + encode_attributes([(_IFLA_AF_SPEC | _NESTED, spec)]))


def add_address(index: int, address: IPv4Address, prefix: int) -> Request:
    """An IPv4 address with the route to its network."""
    body = struct.pack("=BBBBI", _INET, prefix, 0, 0, index)
    attributes = [(_IFA_LOCAL, address.packed), (_IFA_ADDRESS, address.packed)]
    return Request(_NEWADDR, _CREATE | _EXCL, body + encode_attributes(attributes))


def replace_neighbour(index: int, address: IPv4Address, mac: str) -> Request:
    """Where an address is found on this interface, for good: nobody is asked."""
    body = struct.pack("=BBHiHBB", _INET, 0, 0, index, _NUD_PERMANENT, 0, 0)
    attributes = [(_NDA_DST, address.packed), (_NDA_LLADDR, _mac(mac))]
    return Request(_NEWNEIGH, _CREATE | _REPLACE, body + encode_attributes(attributes))


def delete_neighbour(index: int, address: IPv4Address) -> Request:
    """Such an entry. ENOENT when there is none."""
    body = struct.pack("=BBHiHBB", _INET, 0, 0, index, 0, 0, 0)
    return Request(_DELNEIGH, 0, body + encode_attributes([(_NDA_DST, address.packed)]))


def add_station(index: int, mac: str) -> Request:
    """Behind which port of its bridge an address is, for good; a port that does not learn has to be told."""
    body = struct.pack("=BBHiHBB", _BRIDGE, 0, 0, index, _NUD_NOARP, _NTF_MASTER, 0)
    return Request(_NEWNEIGH, _CREATE | _REPLACE, body + encode_attributes([(_NDA_LLADDR, _mac(mac))]))


def _link(index: int = 0, flags: int = 0, change: int = 0) -> bytes:
    return struct.pack("=BBHiII", _UNSPEC, 0, 0, index, flags, change)


def _text(name: str) -> bytes:
    return name.encode("ascii") + b"\0"


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))
