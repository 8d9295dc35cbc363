"""Files of configuration that lie in folders of several owners, of which each file name counts once."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from .._controls.kernel.control import PARAMETERS
from .._formats.sysctl import find_last, parse_settings
from .reading import Reader

# Of two files of one name the one in the first folder counts; else they are read in the order of their names.
_FOLDERS = ("/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib")
# Read after all others, by sysctl(8) and by Debian's link to it.
_LAST = "/etc/sysctl.conf"


def list_files(reader: Reader, folder: str, ours: str, ending: str = ".conf") -> list[str]:
    """The files of a kind of configuration that count, but ours, in the order of their names."""
    found: dict[str, str] = {}
    for above in _FOLDERS:
        for name in reader.names(f"{above}/{folder}"):
            if name.endswith(ending) and name != ours:
                found.setdefault(name, f"{above}/{folder}/{name}")
    return [found[name] for name in sorted(found)]


def list_folders(reader: Reader, folder: str, ending: str) -> list[str]:
    """The folders of drop-ins in a kind of configuration, by their paths below those of the owners."""
    names = {name for above in _FOLDERS for name in reader.names(f"{above}/{folder}") if name.endswith(ending)}
    return [f"{folder}/{name}" for name in sorted(names)]


def list_sysctl_files(reader: Reader) -> list[str]:
    """Others' files of kernel parameters, in the order in which they count."""
    return [*list_files(reader, "sysctl.d", posixpath.basename(PARAMETERS)), _LAST]


def who_sets(reader: Reader, names: Sequence[str], value: str, *others: str) -> str:
    """The file of others' by which the parameter has this value; empty where theirs say another one, or none.

    `names`: all that it goes by; `others`: files that count besides, after those of sysctl. systemd-sysctl(8) reads
    /etc/sysctl.conf by a link to it alone, in the order of the link's name, and sysctl(8) last: either may have been.
    """
    by_sysctl = list_sysctl_files(reader)
    by_systemd = [path for path in by_sysctl if path != _LAST]
    orders = ((*by_sysctl, *others), (*by_systemd, *others))
    return next(filter(None, (_who_is_last(reader, order, names, value) for order in orders)), "")


def _who_is_last(reader: Reader, paths: Sequence[str], names: Sequence[str], value: str) -> str:
    who = ""
    for path in paths:
        found = find_last(parse_settings(reader.text(path)), names)
        if found is not None:
            who = path if found.split() == value.split() else ""
    return who
