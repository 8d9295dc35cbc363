"""The control `egress`: the session network, its packet filter, its name server and its TLS gateway."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from ..._engine.ledger import Ledger
from ..._engine.resources import Control, Resource, Wish
from ..._engine.states import present
from ..names import BRIDGE, FRAGMENTS
from ..wishes import DAEMON_RELOAD, folder, reload_unit, restart_unit, system_account, unit, whole_file
from .descriptor import EGRESS
from .filter import render_filter
from .gateway import render_dns, render_proxy
from .link import BRIDGE_MAC
from .policy import DOCKER_NETWORK, EgressPolicy, render_fragment
from .units import (
    BRIDGE_UNIT,
    DIRECTORY,
    DNS_FILE,
    DNS_UNIT,
    FILTER_FILE,
    FILTER_UNIT,
    NETWORKD_FILE,
    PROXY_FILE,
    PROXY_UNIT,
    PROXY_USER,
    WATCH_UNIT,
    render_units,
    render_unmanaged,
)

_UNIT_FOLDER = "/etc/systemd/system"
_AT_BOOT = (FILTER_UNIT, BRIDGE_UNIT)
_NETWORKD_UNIT = "systemd-networkd.service"


def egress_control(policy: EgressPolicy, tables: Mapping[str, str], digests: Mapping[str, str]) -> Control:
    """`tables`: full name to the source of an nftables table; `digests`: family to that of the kernel's listing."""
    wishes = (
        *system_account(PROXY_USER, policy.proxy_uid, "TLS gateway of the Ably sandbox"),
        folder(DIRECTORY),
        *_unmanaged(),
        *_files(policy),
        *_unit_files(policy),
        *(_table(name, source) for name, source in tables.items()),
        _bridge(policy),
        *(unit(name) for name in (FILTER_UNIT, BRIDGE_UNIT, WATCH_UNIT, DNS_UNIT, PROXY_UNIT)),
        whole_file(f"{FRAGMENTS}/12-network.json", render_fragment(policy, digests)),
    )
    return Control(EGRESS.owner, wishes, is_risky=True)


def has_docker_network(ledger: Ledger) -> bool:
    """Whether sessions are on a network that release 0.1.0 made in Docker. The next run of this control removes it."""
    memory = ledger.memory(Resource("docker_network", DOCKER_NETWORK))
    return memory is not None and bool(memory.written) and not memory.written[-1].is_absent


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
    """A unit's own change restarts it, but for those that only matter at the next boot: what they make is there."""
    return tuple(
        whole_file(f"{_UNIT_FOLDER}/{name}", text, DAEMON_RELOAD, *(() if name in _AT_BOOT else (restart_unit(name),)))
        for name, text in render_units(policy).items()
    )


def _table(name: str, source: str) -> Wish:
    return Wish(Resource("nft_table", name), present(ruleset=source))


def _unmanaged() -> Iterator[Wish]:
    """Before there is a bridge that others could take for theirs."""
    for path, text in render_unmanaged().items():
        yield folder(posixpath.dirname(path))
        yield whole_file(path, text, *((reload_unit(_NETWORKD_UNIT),) if path == NETWORKD_FILE else ()))


def _bridge(policy: EgressPolicy) -> Wish:
    addresses = [f"{policy.gateway}/{policy.subnet.prefixlen}"]
    return Wish(Resource("bridge", BRIDGE), present(mac=BRIDGE_MAC, addresses=addresses, up=True))
