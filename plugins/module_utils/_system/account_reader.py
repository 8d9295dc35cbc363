"""Reads accounts and ids: from their tables, and as NSS has them, from directories as well. Changes nothing."""

from __future__ import annotations

import grp
import pwd
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .._controls.preflight.asked import Asked
from .._controls.preflight.facts import AccountFacts
from .._controls.userns.control import RANGE_TABLES, REMAP_USER
from .._formats.directories import SMB_CONF, SSSD_CONF, parse_sources, parse_sssd_ranges, parse_winbind_ranges
from .._formats.subids import (
    ACCOUNT_TABLES,
    NSS_GROUPS,
    NSS_SUBGIDS,
    NSS_SUBUIDS,
    NSS_USERS,
    IdRange,
    find_malformed_lines,
    parse_accounts,
    parse_ranges,
    parse_subid_list,
)
from .commands import run_command
from .outside import Outside
from .programs import find_program
from .reading import Reader

_NSSWITCH = "/etc/nsswitch.conf"
_SSSD_FOLDER = "/etc/sssd/conf.d"
_SUBID_PROGRAM = "getsubids"
_FIRST_PERSON, _NOBODY = 1000, 65534


class AccountReader:
    """Files are under the outside's root; NSS is this process's own."""

    def __init__(self, outside: Outside) -> None:
        self._reader = Reader(outside)

    def read(self, asked: Asked) -> AccountFacts:
        tables = {path: self._reader.text(path) for path in (*ACCOUNT_TABLES, *RANGE_TABLES)}
        listed = [taken for path in ACCOUNT_TABLES for taken in parse_accounts(tables[path], path)]
        ranges = [taken for path in RANGE_TABLES for taken in parse_ranges(tables[path], path)]
        # Who is in a table is named by it, and not a second time.
        known = {(taken.path.startswith("/etc/group"), taken.name, taken.first) for taken in listed}
        users, groups = _all_users(asked.ids), _all_groups(asked.ids)
        in_nss = [
            *(IdRange(NSS_USERS, name, uid) for name, uid in users if (False, name, uid) not in known),
            *(IdRange(NSS_GROUPS, name, gid) for name, gid in groups if (True, name, gid) not in known),
        ]
        nsswitch = self._reader.text(_NSSWITCH)
        given, unasked = _plugin_ranges(nsswitch, (*_people(users), *asked.names))
        return AccountFacts(
            (*listed, *ranges, *in_nss, *given, *self._directories(nsswitch)),
            tuple(line for path in RANGE_TABLES for line in find_malformed_lines(tables[path], path, REMAP_USER)),
            dict(_accounts(asked.names)),
            unasked,
        )

    def _directories(self, nsswitch: str) -> tuple[IdRange, ...]:
        """What they would give an account that nobody has asked for yet."""
        sources = {*parse_sources(nsswitch, "passwd"), *parse_sources(nsswitch, "group")}
        found: list[IdRange] = []
        if "sss" in sources:
            names = [name for name in self._reader.names(_SSSD_FOLDER) if name.endswith(".conf") and name[0] != "."]
            paths = (SSSD_CONF, *(f"{_SSSD_FOLDER}/{name}" for name in names))
            found.extend(parse_sssd_ranges("\n".join(map(self._reader.text, paths))))
        if "winbind" in sources:
            found.extend(parse_winbind_ranges(self._reader.text(SMB_CONF)))
        return tuple(found)


def _all_users(ids: Iterable[int]) -> set[tuple[str, int]]:
    """Those that NSS lists, and those whose id was asked for: a directory need not list anybody."""
    asked = _each(pwd.getpwuid, ids)
    return {(user.pw_name, user.pw_uid) for user in (*pwd.getpwall(), *asked)}


def _all_groups(ids: Iterable[int]) -> set[tuple[str, int]]:
    asked = _each(grp.getgrgid, ids)
    return {(group.gr_name, group.gr_gid) for group in (*grp.getgrall(), *asked)}


def _accounts(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each that is there, with the name that NSS itself has for it."""
    for name in names:
        for user in _each(pwd.getpwnam, (name,)):
            yield name, user.pw_name


def _each(ask: Callable[[Any], Any], keys: Iterable[Any]) -> Iterator[Any]:
    for key in keys:
        try:
            yield ask(key)
        except KeyError:
            continue


def _people(users: Iterable[tuple[str, int]]) -> list[str]:
    return sorted(name for name, uid in users if uid == 0 or (uid >= _FIRST_PERSON and uid != _NOBODY))


def _plugin_ranges(nsswitch: str, owners: Iterable[str]) -> tuple[tuple[IdRange, ...], str]:
    """What a plug-in of the shadow suite has for these accounts, and why it could not be asked."""
    sources = [name for name in parse_sources(nsswitch, "subid") if name != "files"]
    if not sources:
        return (), ""
    if find_program(_SUBID_PROGRAM) is None:
        return (), f"subid: {sources[0]} in {_NSSWITCH}, and no {_SUBID_PROGRAM} to ask it with"
    found: list[IdRange] = []
    for owner in dict.fromkeys(owners):
        for path, flags in ((NSS_SUBUIDS, ()), (NSS_SUBGIDS, ("-g",))):
            # It ends with 1 where the account has no range.
            result = run_command((_SUBID_PROGRAM, *flags, owner), accept=(0, 1))
            found.extend(parse_subid_list(result.out, path))
    return tuple(found), ""
