"""A session's network: one wire from its container to the gateway's bridge, and nothing that Docker has made.

Both ends are told what the other one is, so nothing has to be learned, and nothing is flooded. What follows from the
slot stands in `session_link`; whether it is so is proven from the kernel's own files afterwards.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from .._controls.container.spec import SessionSpec
from .._controls.egress.keys import Network
from .._controls.egress.link import INNER_NAME, SessionLink
from .._controls.egress.session_checks import PORT_SETTINGS
from .._engine.errors import SandboxError
from .._formats import rtnetlink as route
from .._system.rtnetlink import NO_IPV6, NetlinkError, RouteSocket, inside

_PORT = {name: value == "1" for name, value in PORT_SETTINGS.items()}
_INTERFACES = Path("/sys/class/net")
_NO_SUCH_DEVICE = (errno.ENXIO, errno.ENODEV)


class NetworkError(SandboxError):
    """The session network is not there."""


@contextlib.contextmanager
def attached(spec: SessionSpec, slot: int, pid: int) -> Iterator[None]:
    """The container whose first process is `pid` has its wire meanwhile. SandboxError when it cannot be had.

    Takes CAP_NET_ADMIN, and CAP_SYS_ADMIN to enter the container's network namespace.
    """
    link = spec.link(slot)
    try:
        namespace = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise NetworkError(f"process {pid}: its network namespace cannot be entered: {error.strerror}") from error
    try:
        with contextlib.closing(RouteSocket()) as outer:
            # What a killed service has left in this slot.
            _detach(outer, spec.network, link)
            try:
                _attach(outer, spec.network, link, namespace)
                _attach_inside(spec.network, link, namespace)
                yield
            finally:
                _detach(outer, spec.network, link)
    finally:
        os.close(namespace)


def _attach(outer: RouteSocket, network: Network, link: SessionLink, namespace: int) -> None:
    bridge = _index_of(network.bridge)
    doing = f"interface {link.port}"
    outer.ask(f"{doing}: make it", route.add_veth(link.port, link.port_mac, INNER_NAME, link.mac, namespace))
    port = _index_of(link.port)
    _forgo_ipv6(outer, port)
    outer.ask(f"{doing}: make it a port of {network.bridge}", route.set_master(port, bridge))
    outer.ask(f"{doing}: isolate it", route.set_port(port, **_PORT))
    outer.ask(f"{doing}: tell the bridge of {link.mac}", route.add_station(port, link.mac))
    outer.ask(f"{network.bridge}: tell it of {link.address}", route.replace_neighbour(bridge, link.address, link.mac))
    outer.ask(f"{doing}: start it", route.set_up(port))


def _attach_inside(network: Network, link: SessionLink, namespace: int) -> None:
    try:
        with inside(namespace):
            inner, index = RouteSocket(), socket.if_nametoindex(INNER_NAME)
    except OSError as error:
        raise NetworkError(f"{INNER_NAME} of {link.port}: cannot be set up: {error}") from error
    with contextlib.closing(inner):
        _set_up_inside(inner, network, link, index)


def _set_up_inside(inner: RouteSocket, network: Network, link: SessionLink, index: int) -> None:
    doing = f"{INNER_NAME} of {link.port}"
    _forgo_ipv6(inner, index)
    inner.ask(f"{doing}: give it {link.address}", route.add_address(index, link.address, network.subnet.prefixlen))
    inner.ask(f"{doing}: start it", route.set_up(index))
    inner.ask(f"{doing}: tell it of the gateway", route.replace_neighbour(index, network.gateway, network.mac))


def _forgo_ipv6(netlink: RouteSocket, index: int) -> None:
    try:
        netlink.ask(f"interface {index}: forgo an IPv6 address", route.forgo_ipv6_address(index))
    except NetlinkError as error:
        if error.errno not in NO_IPV6:
            raise


def _detach(outer: RouteSocket, network: Network, link: SessionLink) -> None:
    """The container's end goes with the port, and with it what the bridge was told of it."""
    try:
        outer.ask(f"interface {link.port}: remove it", route.delete_link(link.port))
    except NetlinkError as error:
        if error.errno not in _NO_SUCH_DEVICE:
            raise
    with contextlib.suppress(NetlinkError, NetworkError):
        bridge = _index_of(network.bridge)
        outer.ask(f"{network.bridge}: forget {link.address}", route.delete_neighbour(bridge, link.address))


def _index_of(name: str) -> int:
    try:
        return int((_INTERFACES / name / "ifindex").read_text(encoding="ascii"))
    except FileNotFoundError:
        raise NetworkError(f"interface {name}: is not there", "run the playbook again") from None
