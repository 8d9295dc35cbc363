"""The control `egress`: the session network, its packet filter, its name server and its TLS gateway."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from ..._engine.errors import SandboxError
from ..._engine.ledger import Ledger
from ..._engine.resources import Control, Resource, Wish
from ..._formats.nftables import find_tables, split_tables
from ..._formats.resource_facts import BridgeFacts, NftTableFacts
from ..names import BRIDGE, FRAGMENTS
from ..wishes import folder, reload_unit, restart_unit, system_account, unit, unit_file, whole_file
from .descriptor import EGRESS
from .link import BRIDGE_MAC
from .policy import DOCKER_NETWORK, FAMILIES, TABLE, EgressPolicy, render_fragment
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
    UDEV_FILE,
    WATCH_UNIT,
)

NETWORK_FRAGMENT = f"{FRAGMENTS}/12-network.json"
_AT_BOOT = (FILTER_UNIT, BRIDGE_UNIT)
_NETWORKD_UNIT = "systemd-networkd.service"
# Parameter of the module to the unit of which it is the text, in the order in which they are started.
UNITS: Mapping[str, str] = {
    "filter_unit": FILTER_UNIT,
    "bridge_unit": BRIDGE_UNIT,
    "watch_unit": WATCH_UNIT,
    "name_server_unit": DNS_UNIT,
    "proxy_unit": PROXY_UNIT,
}
# All texts that the templates of the role make.
TEXTS = ("filter", "name_server", "proxy", *UNITS, "networkd", "udev")
TABLES = tuple(f"{family} {TABLE}" for family in FAMILIES)


def tables_of(filter_text: str) -> dict[str, str]:
    """Full name to the source of each nftables table of the filter. Raises SandboxError unless it has just ours."""
    tables = split_tables(filter_text)
    if set(tables) != set(TABLES) or set(find_tables(filter_text)) != set(TABLES):
        found = ", ".join(sorted(set(find_tables(filter_text)))) or "none"
        raise SandboxError(
            f"egress filter: expected the tables {' and '.join(TABLES)}, found {found}",
            "correct the template of the filter; nothing was changed",
        )
    return tables


def egress_control(
    policy: EgressPolicy, texts: Mapping[str, str], tables: Mapping[str, str], digests: Mapping[str, str]
) -> Control:
    """`texts`: those of TEXTS; `tables`: those of the filter among them; `digests`: family to that of the kernel's
    listing of the table.
    """
    wishes = (
        *system_account(PROXY_USER, policy.proxy_uid, "TLS gateway of the Ably sandbox"),
        folder(DIRECTORY),
        *_unmanaged(texts),
        *_files(texts),
        *_unit_files(texts),
        *(_table(name, source) for name, source in tables.items()),
        _bridge(policy),
        *(unit(name) for name in UNITS.values()),
        whole_file(NETWORK_FRAGMENT, render_fragment(policy, digests)),
    )
    return Control(EGRESS.owner, wishes, is_risky=True)


def has_docker_network(ledger: Ledger) -> bool:
    """Whether sessions are on a network that release 0.1.0 made in Docker. The next run of this control removes it."""
    memory = ledger.memory(Resource("docker_network", DOCKER_NETWORK))
    return memory is not None and bool(memory.written) and not memory.written[-1].is_absent


def _files(texts: Mapping[str, str]) -> tuple[Wish, ...]:
    """Readable by the daemons, which do not run as root; nothing in them is secret."""
    nft, dnsmasq = ("nft", "--check", "--file", "{}"), ("dnsmasq", "--test", "-C", "{}")
    haproxy = ("haproxy", "-c", "-q", "-f", "{}")
    return (
        whole_file(FILTER_FILE, texts["filter"], check=nft),
        whole_file(DNS_FILE, texts["name_server"], restart_unit(DNS_UNIT), check=dnsmasq),
        whole_file(PROXY_FILE, texts["proxy"], reload_unit(PROXY_UNIT), check=haproxy),
    )


def _unit_files(texts: Mapping[str, str]) -> Iterator[Wish]:
    """A unit's own change restarts it, but for those that only matter at the next boot: what they make is there."""
    for parameter, name in UNITS.items():
        restarts = () if name in _AT_BOOT else (restart_unit(name),)
        yield unit_file(name, texts[parameter], *restarts)


def _table(name: str, source: str) -> Wish:
    return Wish(Resource("nft_table", name), NftTableFacts(source).state)


def _unmanaged(texts: Mapping[str, str]) -> Iterator[Wish]:
    """Before there is a bridge that others could take for theirs."""
    yield folder(posixpath.dirname(NETWORKD_FILE))
    yield whole_file(NETWORKD_FILE, texts["networkd"], reload_unit(_NETWORKD_UNIT))
    yield folder(posixpath.dirname(UDEV_FILE))
    yield whole_file(UDEV_FILE, texts["udev"])


def _bridge(policy: EgressPolicy) -> Wish:
    addresses = [f"{policy.gateway}/{policy.subnet.prefixlen}"]
    return Wish(Resource("bridge", BRIDGE), BridgeFacts(BRIDGE_MAC, addresses, up=True).state)
