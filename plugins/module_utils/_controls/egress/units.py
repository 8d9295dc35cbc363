"""The gateway's files, units and user on the host. Their texts are the role's templates."""

from __future__ import annotations

from ..names import ETC

DIRECTORY = f"{ETC}/egress"
FILTER_FILE = f"{DIRECTORY}/filter.nft"
DNS_FILE = f"{DIRECTORY}/dnsmasq.conf"
PROXY_FILE = f"{DIRECTORY}/haproxy.cfg"

FILTER_UNIT = "ably-sandbox-filter.service"
BRIDGE_UNIT = "ably-sandbox-bridge.service"
WATCH_UNIT = "ably-sandbox-filter-watch.service"
DNS_UNIT = "ably-sandbox-dns.service"
PROXY_UNIT = "ably-sandbox-proxy.service"
PROXY_USER = "ably-sandbox-proxy"

# Tell other managers of the host's network that these interfaces are not theirs: systemd-networkd, and NetworkManager.
NETWORKD_FILE = "/etc/systemd/network/00-ably-sandbox.network"
UDEV_FILE = "/etc/udev/rules.d/80-ably-sandbox.rules"
