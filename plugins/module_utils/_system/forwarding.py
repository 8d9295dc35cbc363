"""Whose the host's forwarding of packets is: Docker switches it on and never off."""

from __future__ import annotations

import re

from .configuration import list_files, who_sets
from .reading import Reader

_NAMES = ("net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding")
_ON, _OFF = "1", "0"
# systemd.network(5), networkd.conf(5); masquerading switches it on as well.
_NETWORKD = re.compile(
    r"^\s*(?:IPForward|IPv4Forwarding|IPMasquerade)\s*=\s*(?:yes|true|on|1|ipv4|both)\s*$", re.MULTILINE | re.IGNORECASE
)


def why_it_stays(reader: Reader, there: str, former: str) -> str:
    """Why it is not made what it was before Docker first started; empty where it is Docker's alone."""
    if there == former:
        return ""
    if (there, former) != (_ON, _OFF):
        return f"it is {there}, which somebody else has set"
    path = who_sets(reader, _NAMES, _ON, "/etc/ufw/sysctl.conf") or _networkd_file(reader)
    return f"{path} sets it" if path else ""


def _networkd_file(reader: Reader) -> str:
    paths = [
        "/etc/systemd/networkd.conf",
        *list_files(reader, "systemd/networkd.conf.d", ""),
        *list_files(reader, "systemd/network", "", ".network"),
    ]
    return next((path for path in paths if _NETWORKD.search(reader.text(path))), "")
