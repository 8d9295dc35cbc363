"""The systemd units of the gateway, as texts. What they start is named by absolute path: Debian's, not the PATH's."""

from __future__ import annotations

from string import Template

from ..names import BRIDGE, PORT_PREFIX
from .link import BRIDGE_MAC
from .policy import EgressPolicy

DIRECTORY = "/etc/ably-sandbox/egress"
FILTER_FILE = f"{DIRECTORY}/filter.nft"
DNS_FILE = f"{DIRECTORY}/dnsmasq.conf"
PROXY_FILE = f"{DIRECTORY}/haproxy.cfg"

FILTER_UNIT = "ably-sandbox-filter.service"
BRIDGE_UNIT = "ably-sandbox-bridge.service"
WATCH_UNIT = "ably-sandbox-filter-watch.service"
DNS_UNIT = "ably-sandbox-dns.service"
PROXY_UNIT = "ably-sandbox-proxy.service"
PROXY_USER = "ably-sandbox-proxy"

# `DefaultDependencies=no` and `sysinit.target` as Debian's nftables.service has them: before any interface is up.
# That unit's file starts with `flush ruleset`, hence After=. There is no ExecStop: stopping this never opens the door.
_FILTER = f"""\
[Unit]
Description=Packet filter of the Ably sandbox
DefaultDependencies=no
Wants=network-pre.target
After=local-fs.target nftables.service
Before=network-pre.target docker.service shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f {FILTER_FILE}
ExecReload=/usr/sbin/nft -f {FILTER_FILE}
CapabilityBoundingSet=CAP_NET_ADMIN
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
RestrictAddressFamilies=AF_NETLINK

[Install]
WantedBy=sysinit.target
"""

# Made by plain commands, each of which does nothing where that is so already. There is no ExecStop: sessions that are
# open keep their network. The bridge has its hardware address from the beginning, because udev gives one to interfaces
# that were made without. Without IPv6 in the kernel there is no address to be forgone.
_BRIDGE = Template(f"""\
[Unit]
Description=Network of the Ably sandbox's sessions
DefaultDependencies=no
Requires={FILTER_UNIT}
After=local-fs.target systemd-modules-load.service {FILTER_UNIT}
Before=network-pre.target docker.service shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=-/usr/sbin/ip link add {BRIDGE} address {BRIDGE_MAC} type bridge mcast_snooping 0
ExecStart=-/usr/sbin/ip link set {BRIDGE} addrgenmode none
ExecStart=/usr/sbin/ip address replace $gateway/$prefix dev {BRIDGE}
ExecStart=/usr/sbin/ip link set {BRIDGE} up
CapabilityBoundingSet=CAP_NET_ADMIN
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
RestrictAddressFamilies=AF_NETLINK

[Install]
WantedBy=sysinit.target
""")

# Whoever else manages the host's network leaves these interfaces alone: systemd-networkd, whatever its other files
# match, and NetworkManager.
NETWORKD_FILE = "/etc/systemd/network/00-ably-sandbox.network"
_NETWORKD = f"""\
# Written by ably.sandbox.
[Match]
Name={BRIDGE} {PORT_PREFIX}*

[Link]
Unmanaged=yes
"""
UDEV_FILE = "/etc/udev/rules.d/80-ably-sandbox.rules"
_UDEV = f"""\
# Written by ably.sandbox.
SUBSYSTEM=="net", KERNEL=="{BRIDGE}|{PORT_PREFIX}*", ENV{{NM_UNMANAGED}}="1"
"""

_HARDENING = """\
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
UMask=0077
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
"""

# Debian's `nft flush ruleset` (a restart of nftables.service, or by hand) takes our tables along. Packets that are
# refused for want of the filter are not refused for long: this loads it again within milliseconds.
_WATCH = f"""\
[Unit]
Description=Keeper of the packet filter of the Ably sandbox
After={FILTER_UNIT}
Wants={FILTER_UNIT}
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=/usr/local/bin/ably-sandbox watch
Restart=always
RestartSec=1
OOMScoreAdjust=-500
MemoryMax=64M
TasksMax=8
CapabilityBoundingSet=CAP_NET_ADMIN
RestrictAddressFamilies=AF_NETLINK
MemoryDenyWriteExecute=yes
{_HARDENING}
[Install]
WantedBy=multi-user.target
"""

# Requires=: no gateway without a filter. Without its address the name server ends, and is started again until it is
# there; the proxy waits for it.
# The journal's rate limit bounds what sessions can write by asking for names.
_DNS = f"""\
[Unit]
Description=Name server of the Ably sandbox
Requires={FILTER_UNIT}
Wants={BRIDGE_UNIT}
After={FILTER_UNIT} {BRIDGE_UNIT} network.target
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStartPre=/usr/sbin/dnsmasq --test -C {DNS_FILE}
ExecStart=/usr/sbin/dnsmasq --keep-in-foreground --pid-file= -C {DNS_FILE}
Restart=always
RestartSec=1
SyslogIdentifier=ably-sandbox-dns
LogRateLimitIntervalSec=30
LogRateLimitBurst=2000
DynamicUser=yes
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
MemoryDenyWriteExecute=yes
MemoryMax=64M
TasksMax=64
{_HARDENING}
[Install]
WantedBy=multi-user.target
"""

# No MemoryDenyWriteExecute: HAProxy compiles the patterns of the allowed names to machine code (PCRE2 JIT).
# A static user: the filter tells the proxy's packets by its id.
_PROXY = Template(f"""\
[Unit]
Description=TLS gateway of the Ably sandbox
Requires={FILTER_UNIT}
After={FILTER_UNIT} network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
${{condition}}ExecStartPre=/usr/sbin/haproxy -c -q -f {PROXY_FILE}
ExecStart=/usr/sbin/haproxy -Ws -f {PROXY_FILE}
ExecReload=/usr/sbin/haproxy -c -q -f {PROXY_FILE}
ExecReload=/bin/kill -USR2 $$MAINPID
KillMode=mixed
SuccessExitStatus=143
TimeoutStopSec=5
Restart=always
RestartSec=1
SyslogIdentifier=ably-sandbox-proxy
LogRateLimitIntervalSec=30
LogRateLimitBurst=5000
User={PROXY_USER}
Group={PROXY_USER}
AmbientCapabilities=CAP_NET_BIND_SERVICE
CapabilityBoundingSet=CAP_NET_BIND_SERVICE
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
LimitNOFILE=$files
MemoryMax=$memory
TasksMax=64
{_HARDENING}
[Install]
WantedBy=multi-user.target
""")

# HAProxy reads the host's name servers once. Until there is one, at boot perhaps, it is started again and again.
_NEEDS_NAME_SERVER = "ExecStartPre=/bin/grep -q ^nameserver /etc/resolv.conf\n"

# Two sockets a connection, those of the worker that a reload replaces, and HAProxy's own.
_FILES_PER_CONNECTION = 4
_OWN_FILES = 256
# Two buffers of 16 KiB and what HAProxy and the kernel note of a connection, again for two workers. All sessions
# together, each with all that the filter grants it, stay below.
_BYTES_PER_CONNECTION = 128 << 10
_OWN_BYTES = 256 << 20


def render_units(policy: EgressPolicy) -> dict[str, str]:
    """Unit name to its text, in the order in which they are started."""
    connections = policy.most_connections
    return {
        FILTER_UNIT: _FILTER,
        BRIDGE_UNIT: _BRIDGE.substitute(gateway=policy.gateway, prefix=policy.subnet.prefixlen),
        WATCH_UNIT: _WATCH,
        DNS_UNIT: _DNS,
        PROXY_UNIT: _PROXY.substitute(
            files=connections * _FILES_PER_CONNECTION + _OWN_FILES,
            memory=f"{(connections * _BYTES_PER_CONNECTION + _OWN_BYTES) >> 20}M",
            condition="" if policy.resolvers else _NEEDS_NAME_SERVER,
        ),
    }


def render_unmanaged() -> dict[str, str]:
    """Path to its text: what tells other managers of the host's network that ours is not theirs."""
    return {NETWORKD_FILE: _NETWORKD, UDEV_FILE: _UDEV}
