"""The control `egress`'s keys in the sessions' specification, and the values that they hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from ..container.fields import list_of, read_name, read_record, read_sha256, read_text, wrong
from ..keys import Key, add_items

_MAC = re.compile(r"^[0-9a-f]{2}(:[0-9a-f]{2}){5}$")
_NFT_FAMILIES = ("inet", "bridge", "ip", "ip6", "arp", "netdev")


@dataclass(frozen=True)
class Network:
    """The session network: its bridge, the hardware address that this has, and the only address that answers."""

    bridge: str
    mac: str
    gateway: IPv4Address
    subnet: IPv4Network


@dataclass(frozen=True)
class NftTable:
    """A table that must be in the kernel; `sha256` is of what `nft -s -t list table FAMILY NAME` prints."""

    family: str
    name: str
    sha256: str


def read_address(key: str, raw: object) -> IPv4Address:
    """An IPv4 address."""
    try:
        return IPv4Address(read_text(key, raw))
    except ValueError as error:
        raise wrong(key, "an IPv4 address", raw) from error


def read_mac(key: str, raw: object) -> str:
    """A hardware address in lower case hexadecimal."""
    mac = read_text(key, raw)
    if not _MAC.match(mac):
        raise wrong(key, "a hardware address such as 02:ab:1e:00:00:00", raw)
    return mac


def read_subnet(key: str, raw: object) -> IPv4Network:
    """An IPv4 network without host bits."""
    try:
        return IPv4Network(read_text(key, raw))
    except ValueError as error:
        raise wrong(key, "an IPv4 network such as 10.213.0.0/24", raw) from error


def read_network(key: str, raw: object) -> Network:
    """`{"bridge": …, "mac": …, "gateway": …, "subnet": …}`; the gateway is one of the subnet's addresses."""
    table = read_record(key, raw, ("bridge", "mac", "gateway", "subnet"))
    gateway, subnet = read_address(f"{key}.gateway", table["gateway"]), read_subnet(f"{key}.subnet", table["subnet"])
    if gateway not in subnet:
        raise wrong(f"{key}.gateway", f"an address of {subnet}", table["gateway"])
    return Network(read_name(f"{key}.bridge", table["bridge"]), read_mac(f"{key}.mac", table["mac"]), gateway, subnet)


def read_nft_table(key: str, raw: object) -> NftTable:
    """`{"family": "inet", "name": …, "sha256": …}`."""
    table = read_record(key, raw, ("family", "name", "sha256"))
    if table["family"] not in _NFT_FAMILIES:
        raise wrong(f"{key}.family", "one of " + ", ".join(_NFT_FAMILIES), table["family"])
    return NftTable(
        table["family"], read_name(f"{key}.name", table["name"]), read_sha256(f"{key}.sha256", table["sha256"])
    )


KEYS: Mapping[str, Key] = {
    "network": Key(read_network),
    "nft_tables": Key(list_of(read_nft_table), add_items),
}
