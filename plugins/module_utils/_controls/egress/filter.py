"""The nftables tables of the session bridge, as one file that replaces them in one transaction.

Two tables, each a whole answer to its layer: `bridge` sees a session's frames as they arrive at its port,
`inet` sees packets to the host, through it, and from the gateway's proxy to the outside. They hold no named set with
fixed content: `nft -t`, by which they are compared, prints no elements of those.
"""

from __future__ import annotations

from string import Template

from ..names import BRIDGE
from .link import BRIDGE_MAC, SessionLink, links_of
from .policy import PORT, TABLE, EgressPolicy

# What a person may do at once before a rate counts, in seconds' worth of it.
_BURST_SECONDS = 4
# Room for connections that the proxy refuses itself, and names while it does so.
_REFUSED_CONNECTIONS = 8

# Reasons to drop a packet. Logs are limited per session where the source is known to be one, else for all together.
_TOLD_BY_SESSION = ("address", "peer", "input", "rate")
_TOLD_TOGETHER = ("forward", "ipv6", "spoof", "outside", "proxy")
_FRAME_REASONS = ("peer", "frame", "spoof")

_HEAD = Template("""\
# Written by ably.sandbox. Replaces both tables in one transaction and touches no other.
add table inet $table
delete table inet $table
add table bridge $table
delete table bridge $table
""")

_INET = Template("""\
table inet $table {
$counters
	# Keyed by the session's address. No source outside the subnet gets that far, so they never overflow.
	set dns_rate { type ipv4_addr; size $addresses; flags dynamic, timeout; timeout 1m; }
	set tls_rate { type ipv4_addr; size $addresses; flags dynamic, timeout; timeout 1m; }
	set log_rate { type ipv4_addr; size $addresses; flags dynamic, timeout; timeout 10m; }
	set tls_open { type ipv4_addr; size $addresses; flags dynamic; }

	# Before connection tracking: what is not addressed to the gateway costs the host nothing more.
	chain arrive {
		type filter hook prerouting priority raw; policy accept;
		iifname "$bridge" goto arrive_from_session
		iifname != "lo" ip daddr $subnet goto drop_outside
	}
	chain arrive_from_session {
		meta nfproto ipv6 goto drop_ipv6
		ip saddr != $subnet goto drop_spoof
		ip saddr $gateway goto drop_spoof
		ip daddr $gateway return
		# With br_netfilter, which Docker loads, what one session sends to another passes here before the bridge table.
		ip daddr $subnet goto drop_peer
		goto drop_address
	}

	chain input {
		type filter hook input priority filter - 10; policy accept;
		iifname "$bridge" goto input_from_session
	}
	chain input_from_session {
		meta nfproto ipv6 goto drop_ipv6
		ip saddr != $subnet goto drop_spoof
		ip daddr != $gateway goto drop_address
		# Names by UDP alone: an answer is one address, and a name server holds few connections for all sessions.
		udp dport 53 goto session_dns
		tcp dport $port goto session_tls
		goto drop_input
	}
	chain session_dns {
		update @dns_rate { ip saddr limit rate over $dns_rate/second burst $dns_burst packets } goto drop_rate
		accept
	}
	chain session_tls {
		ct state established accept
		# A late segment of a connection that is over is nobody's attack, so it is not told.
		ct state != new counter name "stray" drop
		update @tls_rate { ip saddr limit rate over $tls_rate/second burst $tls_burst packets } goto drop_rate
		add @tls_open { ip saddr ct count over $connections } goto drop_rate
		accept
	}

	chain forward {
		type filter hook forward priority filter - 10; policy accept;
		iifname "$bridge" goto drop_forward
		oifname "$bridge" goto drop_forward
	}

	# The proxy resolves names that sessions choose. Wherever an answer points, it connects to nothing inside.
	chain output {
		type filter hook output priority filter - 10; policy accept;
		meta skuid $proxy_uid goto output_from_proxy
	}
	chain output_from_proxy {
		ct direction reply accept
		udp dport 53 accept
		tcp dport 53 accept
		meta nfproto ipv6 goto drop_proxy
		fib daddr type != unicast goto drop_proxy
		ip daddr { $refused } goto drop_proxy
		tcp dport $port accept
		goto drop_proxy
	}

$drops
}
""")

# Priority 0 here is Linux's -200 for the bridge family, before ebtables' own filter and before frames are passed up.
_BRIDGE = Template("""\
table bridge $table {
$counters
	chain arrive {
		type filter hook prerouting priority filter; policy accept;
		meta ibrname "$bridge" goto arrive_from_session
	}
	# Who a session is follows from its port: no other source is believed. Both sides know each other's hardware address
	# from the beginning, so there is no ARP; and nothing but the gateway is anybody's destination.
	chain arrive_from_session {
		ether type != ip goto drop_frame
		iifname . ether saddr . ip saddr != {
$links
		} goto drop_spoof
		ether daddr != $mac goto drop_peer
	}

	# The ports are isolated besides, and so nothing gets here.
	chain forward {
		type filter hook forward priority filter; policy accept;
		meta ibrname "$bridge" goto drop_peer
		meta obrname "$bridge" goto drop_peer
	}

$drops
}
""")

_DROP_BY_SESSION = Template("""\
	chain drop_$reason {
		counter name "$reason"
		update @log_rate { ip saddr limit rate 20/minute burst 20 packets } log prefix "ably-sandbox drop-$reason "
		$verdict
	}""")

_DROP_TOGETHER = Template("""\
	chain drop_$reason {
		counter name "$reason"
		limit rate 20/minute burst 20 packets log prefix "ably-sandbox drop-$reason "
		$verdict
	}""")


def _render_counters(reasons: tuple[str, ...]) -> str:
    return "".join(f"\tcounter {reason} {{ }}\n" for reason in reasons)


def _render_drop(template: Template, reason: str) -> str:
    # The proxy hears at once that it may not, instead of waiting for its connection to time out. The kernel limits the
    # rate of ICMP errors, but not of resets.
    verdict = "meta l4proto tcp reject with tcp reset\n\t\tdrop" if reason == "proxy" else "drop"
    return template.substitute(reason=reason, verdict=verdict)


def _render_inet(policy: EgressPolicy) -> str:
    limits = policy.limits
    drops = [_render_drop(_DROP_BY_SESSION, reason) for reason in _TOLD_BY_SESSION]
    drops += [_render_drop(_DROP_TOGETHER, reason) for reason in _TOLD_TOGETHER]
    return _INET.substitute(
        table=TABLE,
        bridge=BRIDGE,
        port=PORT,
        subnet=policy.subnet,
        gateway=policy.gateway,
        addresses=policy.subnet.num_addresses,
        proxy_uid=policy.proxy_uid,
        dns_rate=limits.dns_rate,
        dns_burst=limits.dns_rate * _BURST_SECONDS,
        tls_rate=limits.connection_rate,
        tls_burst=limits.connection_rate * _BURST_SECONDS,
        connections=limits.connections + _REFUSED_CONNECTIONS,
        refused=", ".join(str(network) for network in policy.refused),
        counters=_render_counters((*_TOLD_BY_SESSION, *_TOLD_TOGETHER, "stray")),
        drops="\n".join(drops),
    )


def _render_link(link: SessionLink) -> str:
    return f'\t\t\t"{link.port}" . {link.mac} . {link.address}'


def _render_bridge(policy: EgressPolicy) -> str:
    return _BRIDGE.substitute(
        table=TABLE,
        bridge=BRIDGE,
        mac=BRIDGE_MAC,
        links=",\n".join(map(_render_link, links_of(policy.sessions, policy.subnet, policy.gateway))),
        counters=_render_counters(_FRAME_REASONS),
        drops="\n".join(_render_drop(_DROP_TOGETHER, reason) for reason in _FRAME_REASONS),
    )


def render_tables(policy: EgressPolicy) -> dict[str, str]:
    """Each table by itself, by its full name such as `inet ably_sandbox`."""
    return {f"inet {TABLE}": _render_inet(policy), f"bridge {TABLE}": _render_bridge(policy)}


def render_filter(policy: EgressPolicy) -> str:
    """`filter.nft`: loading it replaces both tables at once and leaves every other table alone."""
    return "\n".join((_HEAD.substitute(table=TABLE), *render_tables(policy).values()))
