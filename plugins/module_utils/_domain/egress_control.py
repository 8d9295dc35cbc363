"""The control `egress`: the session network, its packet filter, its name server and its TLS gateway."""

from __future__ import annotations

from collections.abc import Mapping

from .._core.resources import Control, Resource, Wish
from .._core.states import present
from .egress import BRIDGE, NETWORK, EgressPolicy, render_fragment
from .egress_filter import render_filter
from .egress_gateway import render_dns, render_proxy
from .egress_units import (
    DIRECTORY,
    DNS_FILE,
    DNS_UNIT,
    FILTER_FILE,
    FILTER_UNIT,
    PROXY_FILE,
    PROXY_UNIT,
    PROXY_USER,
    WATCH_UNIT,
    render_units,
)
from .phases import owner_of
from .program_control import FRAGMENTS
from .wishes import DAEMON_RELOAD, folder, reload_unit, restart_unit, system_account, unit, whole_file

_PROXY_CHECK = ("haproxy", "-c", "-q", "-f", "{}")
_UNIT_FOLDER = "/etc/systemd/system"


def egress_control(policy: EgressPolicy, tables: Mapping[str, str], digests: Mapping[str, str]) -> Control:
    """`tables`: full name to the source of an nftables table; `digests`: family to that of the kernel's listing."""
    wishes = (
        *system_account(PROXY_USER, policy.proxy_uid, "TLS gateway of the Ably sandbox"),
        folder(DIRECTORY),
        *_files(policy),
        *_unit_files(policy),
        *(_table(name, source) for name, source in tables.items()),
        _network(policy),
        *(unit(name) for name in (FILTER_UNIT, WATCH_UNIT, DNS_UNIT, PROXY_UNIT)),
        whole_file(f"{FRAGMENTS}/12-network.json", render_fragment(policy, digests)),
    )
    return Control(owner_of("egress"), wishes, is_risky=True)


def _files(policy: EgressPolicy) -> tuple[Wish, ...]:
    """Readable by the daemons, which do not run as root; nothing in them is secret."""
    return (
        whole_file(FILTER_FILE, render_filter(policy), check=("nft", "--check", "--file", "{}")),
        whole_file(DNS_FILE, render_dns(policy), restart_unit(DNS_UNIT), check=("dnsmasq", "--test", "-C", "{}")),
        whole_file(
            PROXY_FILE, render_proxy(policy), reload_unit(PROXY_UNIT), check=("haproxy", "-c", "-q", "-f", "{}")
        ),
    )


def _unit_files(policy: EgressPolicy) -> tuple[Wish, ...]:
    """A unit's own change restarts it, but for the filter's: that one only matters at the next boot."""
    return tuple(
        whole_file(
            f"{_UNIT_FOLDER}/{name}", text, DAEMON_RELOAD, *(() if name == FILTER_UNIT else (restart_unit(name),))
        )
        for name, text in render_units(policy).items()
    )


def _table(name: str, source: str) -> Wish:
    return Wish(Resource("nft_table", name), present(ruleset=source))


def _network(policy: EgressPolicy) -> Wish:
    facts = {
        "driver": "bridge",
        "internal": True,
        "ipv6": False,
        "subnet": str(policy.subnet),
        "gateway": str(policy.gateway),
        "options": {
            "com.docker.network.bridge.name": BRIDGE,
            "com.docker.network.bridge.enable_icc": "false",
            "com.docker.network.bridge.enable_ip_masquerade": "false",
        },
        "labels": {"io.ably.sandbox": "network"},
    }
    return Wish(Resource("docker_network", NETWORK), present(**facts))
