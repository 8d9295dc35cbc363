"""Whose the host's forwarding of packets is: Docker switches it on and never off."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .._formats.sysctl import find_last, parse_settings
from .configuration import list_files, list_folders, who_sets
from .reading import Reader

_NAMES = ("net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding")
_ON, _OFF = "1", "0"
_UFW = "/etc/ufw/sysctl.conf"
_COMMAND_LINE, _PARAMETER = "/proc/cmdline", "sysctl."
# Files of commands that run with an interface: wg-quick(8), interfaces(5).
_INTERFACES = "/etc/network/interfaces"
_COMMANDS = ("/etc/wireguard", f"{_INTERFACES}.d")
_MENTION = re.compile(r"^[^#\n]*\bip_forward\b", re.MULTILINE)
# libvirt switches it on for a network of its own, which lives in no file that says so.
_LIBVIRT = "virbr"
# What comes with systemd is on every host, for interfaces of containers and virtual machines that few have.
_SYSTEMDS_OWN = ("/usr/lib/systemd/", "/lib/systemd/")
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
    return next(_reasons(reader), "")


def _reasons(reader: Reader) -> Iterator[str]:
    """What of this host may have asked for it. Some of that may be out of use: a doubt leaves it on."""
    path = who_sets(reader, _NAMES, _ON, _UFW)
    if path:
        yield f"{path} sets it"
    files = (path for path in _networkd_files(reader) if not path.startswith(_SYSTEMDS_OWN))
    yield from (f"{path} sets it" for path in files if _NETWORKD.search(reader.text(path)))
    yield from (f"{path} speaks of it" for path in _files_of_commands(reader) if _MENTION.search(reader.text(path)))
    words = reader.text(_COMMAND_LINE).split()
    lines = "\n".join(word[len(_PARAMETER) :] for word in words if word.startswith(_PARAMETER))
    if find_last(parse_settings(lines), _NAMES) == _ON:
        yield f"the kernel's command line ({_COMMAND_LINE}) sets it"
    names = reader.names("/sys/class/net")
    yield from (f"libvirt's network {name} needs it" for name in names if name.startswith(_LIBVIRT))


def _networkd_files(reader: Reader) -> Iterator[str]:
    yield "/etc/systemd/networkd.conf"
    yield from list_files(reader, "systemd/networkd.conf.d", "")
    yield from list_files(reader, "systemd/network", "", ".network")
    for folder in list_folders(reader, "systemd/network", ".network.d"):
        yield from list_files(reader, folder, "")


def _files_of_commands(reader: Reader) -> Iterator[str]:
    yield _INTERFACES
    for folder in _COMMANDS:
        yield from (f"{folder}/{name}" for name in reader.names(folder))
