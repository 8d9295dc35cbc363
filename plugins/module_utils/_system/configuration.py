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


def list_sysctl_files(reader: Reader) -> list[str]:
    """Others' files of kernel parameters, in the order in which they count."""
    return [*list_files(reader, "sysctl.d", posixpath.basename(PARAMETERS)), _LAST]


def who_sets(reader: Reader, names: Sequence[str], value: str, *others: str) -> str:
    """The file of others' by which the parameter has this value; empty where theirs say another one, or none.

    `names`: all that it goes by; `others`: files that count besides, after those of sysctl.
    """
    who = ""
    for path in (*list_sysctl_files(reader), *others):
        found = find_last(parse_settings(reader.text(path)), names)
        if found is not None:
            who = path if found.split() == value.split() else ""
    return who
