"""The gateway's two daemons: dnsmasq that only knows what it was told, HAProxy that passes TLS on by server name."""

from __future__ import annotations

from string import Template

from .names import AllowedName
from .policy import PORT, EgressPolicy

_DNS = Template("""\
# Written by ably.sandbox. Answers from this file alone: without an upstream there is nothing to tunnel to.
no-resolv
no-hosts
no-poll
no-ident
cache-size=0
# Bound once and for good, also when the address goes and comes back. With bind-dynamic, dnsmasq looks at every
# interface whenever one comes or goes, and stops listening when one is gone while it looks: a session's end is enough.
bind-interfaces
listen-address=$gateway
except-interface=lo
log-facility=-
log-queries=extra
local-ttl=60
# Every other name: NXDOMAIN at once.
local=/#/
$names
""")

# A label of a server name. Longer names than DNS knows are refused by their length.
_LABELS = "([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+"

_PROXY = Template("""\
# Written by ably.sandbox. TLS is passed on by its server name; nothing is decrypted here.
global
    log stdout format short daemon info
    maxconn $most_connections
    # After a reload, connections that the earlier list admitted end with it.
    hard-stop-after 60s

defaults
    mode tcp
    log global
    retries 1
    timeout connect 5s
    timeout client ${idle_timeout}s
    timeout server ${idle_timeout}s
    timeout client-fin 10s
    timeout server-fin 10s

resolvers host
$resolvers
    accepted_payload_size 4096
    resolve_retries 2
    timeout resolve 1s
    timeout retry 1s
    hold valid 10s
    hold nx 2s
    hold other 2s
    hold refused 2s
    hold timeout 2s

frontend sessions
    # `transparent` sets IP_FREEBIND, which needs no capability: the address may not be there yet, or be gone again.
    bind $gateway:$port transparent
    log-format "%[var(txn.verdict)] session=%ci:%cp name=%[var(txn.name)] to=%[var(txn.to)] reason=%[var(txn.why)] \
state=%ts"
    stick-table type ip size $addresses expire 10m store conn_cur
    tcp-request connection track-sc0 src
    tcp-request inspect-delay 3s

$names

    tcp-request content set-var(txn.verdict) str(refused)
    tcp-request content set-var(txn.why) str(not-a-session)
    tcp-request content reject if { src $gateway } or !{ src $subnet }
    tcp-request content set-var(txn.why) str(too-many-connections)
    tcp-request content reject if { sc0_conn_cur gt $connections }
    tcp-request content set-var(txn.why) str(not-tls)
    tcp-request content reject unless { req.ssl_hello_type 1 }
    tcp-request content set-var(txn.why) str(no-server-name)
    tcp-request content reject unless { req.ssl_sni -m len gt 0 }
    # A session writes this name: what goes to the log holds nothing that could forge a line.
    tcp-request content set-var(txn.name) req.ssl_sni,lower,regsub('[^a-z0-9.-]','?',g),bytes(0,253)
    tcp-request content set-var(txn.why) str(name-too-long)
    tcp-request content reject if { req.ssl_sni -m len gt 253 }
    tcp-request content set-var(txn.why) str(name-not-allowed)
    tcp-request content reject unless allowed_name
    tcp-request content set-var(txn.why) str(name-not-resolved)
    tcp-request content do-resolve(txn.to,host,ipv4) req.ssl_sni,lower
    tcp-request content reject unless { var(txn.to) -m found }
    # An answer that points inside would make the gateway an open door (DNS rebinding). The filter knows this as well.
    tcp-request content set-var(txn.why) str(address-refused)
    tcp-request content reject unless { var(txn.to) -m ip 0.0.0.0/0 }
    tcp-request content reject if { var(txn.to) -m ip $refused }
    tcp-request content set-dst var(txn.to)
    tcp-request content set-var(txn.verdict) str(admitted)
    tcp-request content unset-var(txn.why)
    default_backend outside

backend outside
    # The address is the one set above; the port is always this one.
    server named 0.0.0.0:$port
""")


def _render_dns_name(name: AllowedName, gateway: str) -> str:
    """`local=` beside `address=` makes other types than A an empty answer instead of NXDOMAIN, which ends look-ups."""
    if name.below:
        return f"local=/*.{name.domain}/\naddress=/*.{name.domain}/{gateway}"
    return f"host-record={name.domain},{gateway}"


def render_dns(policy: EgressPolicy) -> str:
    """`dnsmasq.conf`: allowed names lead to the gateway, no other name exists."""
    gateway = str(policy.gateway)
    names = "\n".join(_render_dns_name(name, gateway) for name in policy.allowed_names)
    return _DNS.substitute(gateway=gateway, names=names)


def _render_acl(name: AllowedName) -> str:
    """Anchored at both ends, so that neither `evilably.io` nor `ably.io.evil.com` is taken for `ably.io`."""
    domain = name.domain.replace(".", "[.]")
    return f"    acl allowed_name req.ssl_sni,lower -m reg ^{_LABELS if name.below else ''}{domain}\\z"


def _render_resolvers(policy: EgressPolicy) -> str:
    if not policy.resolvers:
        return "    parse-resolv-conf"
    return "\n".join(f"    nameserver dns{n} {address}:53" for n, address in enumerate(policy.resolvers, start=1))


def render_proxy(policy: EgressPolicy) -> str:
    """`haproxy.cfg`, complete in itself, so that `haproxy -c` can judge it anywhere before it is in place."""
    return _PROXY.substitute(
        gateway=policy.gateway,
        subnet=policy.subnet,
        port=PORT,
        addresses=policy.subnet.num_addresses,
        connections=policy.limits.connections,
        most_connections=policy.most_connections,
        idle_timeout=policy.limits.idle_timeout,
        refused=" ".join(str(network) for network in policy.refused),
        resolvers=_render_resolvers(policy),
        names="\n".join(_render_acl(name) for name in policy.allowed_names),
    )
