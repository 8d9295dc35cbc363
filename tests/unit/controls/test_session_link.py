"""What follows from a slot: nobody's address is another's, and none is the gateway's."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.link import BRIDGE_MAC, link_of, links_of
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError

SUBNET = IPv4Network("10.213.0.0/24")


@given(st.integers(16, 29), st.data())
def test_no_two_slots_have_anything_in_common(prefix: int, data: st.DataObject) -> None:
    subnet = IPv4Network((SUBNET.network_address, prefix), strict=False)
    hosts = subnet.num_addresses - 2
    gateway = subnet.network_address + data.draw(st.integers(1, hosts))
    sessions = data.draw(st.integers(1, min(hosts - 2, 1000)))
    links = links_of(sessions, subnet, gateway)
    assert len(links) == sessions
    for values in (
        {link.port for link in links},
        {link.address for link in links},
        {link.mac for link in links} | {link.port_mac for link in links} | {BRIDGE_MAC},
    ):
        assert len(values) in {sessions, 2 * sessions + 1}
    assert all(link.address in subnet and link.address != gateway for link in links)
    assert not {subnet.network_address, subnet.broadcast_address} & {link.address for link in links}
    # An interface's name has at most 15 characters; an address of ours is local and nobody's group.
    assert all(len(link.port) <= 15 and link.mac.startswith("02:") for link in links)
    slot = data.draw(st.integers(0, sessions - 1))
    assert link_of(slot, subnet, gateway) == links[slot]


def test_addresses_go_in_their_order_without_the_gateways() -> None:
    link = link_of(7, SUBNET, IPv4Address("10.213.0.1"))
    assert (link.port, link.mac, str(link.address)) == ("ably-slot-007", "02:ab:1e:01:00:07", "10.213.0.9")
    assert str(link_of(0, SUBNET, IPv4Address("10.213.0.254")).address) == "10.213.0.1"


def test_a_subnet_that_is_too_small_is_told() -> None:
    small = IPv4Network("10.213.0.0/29")
    with pytest.raises(SandboxError, match=r"network 10\.213\.0\.0/29: has no address for session 5"):
        link_of(5, small, IPv4Address("10.213.0.1"))
