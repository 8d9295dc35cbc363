"""What the templates of the role `egress` are made of: a policy as plain values."""

from __future__ import annotations

from typing import Any

from .link import BRIDGE_MAC, links_of
from .policy import PORT, TABLE, EgressPolicy


def template_facts(policy: EgressPolicy) -> dict[str, Any]:
    """Text, numbers, lists and tables of them. `links`: slot by slot; `refused`: networks, merged and in order."""
    links = links_of(policy.sessions, policy.subnet, policy.gateway)
    return {
        "table": TABLE,
        "port": PORT,
        "bridge_mac": BRIDGE_MAC,
        "subnet": str(policy.subnet),
        "prefix": policy.subnet.prefixlen,
        "addresses": policy.subnet.num_addresses,
        "gateway": str(policy.gateway),
        "links": [{"port": link.port, "mac": link.mac, "address": str(link.address)} for link in links],
        "names": [{"domain": name.domain, "below": name.below} for name in policy.allowed_names],
        "refused": [str(network) for network in policy.refused],
        "resolvers": [str(address) for address in policy.resolvers],
        "connections": policy.limits.connections,
        "connection_rate": policy.limits.connection_rate,
        "dns_rate": policy.limits.dns_rate,
        "idle_timeout": policy.limits.idle_timeout,
        "most_connections": policy.most_connections,
        "proxy_uid": policy.proxy_uid,
    }
