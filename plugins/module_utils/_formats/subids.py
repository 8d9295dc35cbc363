"""Ids that somebody has: accounts, and the tables /etc/subuid and /etc/subgid; whether a range is free."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .._engine.errors import SandboxError

# A name, or an id in its place; then the first id and how many there are. See subuid(5).
_FIELDS = 3
_ID = re.compile(r"[0-9]{1,10}")
RANGE_SIZE = 65536
# From 2**31 on ids are negative numbers to some programs.
_LAST_FIRST = 2**31 - RANGE_SIZE
# Where ids come from, with the command by which a person sees them.
ACCOUNT_TABLES = ("/etc/passwd", "/etc/group")
NSS_USERS, NSS_GROUPS = "NSS (getent passwd)", "NSS (getent group)"
NSS_SUBUIDS, NSS_SUBGIDS = "NSS (getsubids)", "NSS (getsubids -g)"
_OF_USERS = ("/etc/passwd", "/etc/subuid", NSS_USERS, NSS_SUBUIDS)
_TABLES = (*ACCOUNT_TABLES, "/etc/subuid", "/etc/subgid")
# `0: alice 100000 65536`, from getsubids of the shadow suite; a name may have blanks in it.
_LISTED = re.compile(r"\d+: (.+) (\d+) (\d+)")


@dataclass(frozen=True)
class IdRange:
    """Ids that somebody has: an account's one id, or a range of subordinate ids."""

    path: str
    name: str
    first: int
    count: int = 1

    def overlaps(self, first: int, count: int) -> bool:
        return self.first < first + count and first < self.first + self.count

    @property
    def may_be_groups(self) -> bool:
        return self.path not in _OF_USERS

    @property
    def is_in_table(self) -> bool:
        """In a file that release 0.1.0 read as well."""
        return self.path in _TABLES

    def __str__(self) -> str:
        """As errors name it: `eve has 60601 in /etc/passwd`, `eve has 100000 to 165535 in /etc/subuid`."""
        last = f" to {self.first + self.count - 1}" if self.count > 1 else ""
        return f"{self.name} has {self.first}{last} in {self.path}"


def find_malformed_lines(text: str, path: str, owner: str) -> Iterator[str]:
    """`/etc/subuid line 3: …` for each line over which Docker does not start, when it remaps ids to `owner`."""
    for number, line in enumerate(text.splitlines(), 1):
        content = line.strip()
        if content and not content.startswith("#") and not _is_readable(content.split(":"), owner):
            yield f"{path} line {number}: {content!r}"


def _is_readable(fields: Sequence[str], owner: str) -> bool:
    """Docker parts every line at its colons, and takes the owner's for numbers; a name may have blanks in it."""
    return len(fields) == _FIELDS and (fields[0] != owner or all(map(_ID.fullmatch, fields[1:])))


def find_taken(ranges: Sequence[IdRange], owner: str, first: int) -> Iterator[IdRange]:
    """Those of others that overlap the range of RANGE_SIZE ids from `first` on."""
    return (taken for taken in ranges if taken.name != owner and taken.overlaps(first, RANGE_SIZE))


def find_free(ranges: Sequence[IdRange], owner: str, first: int) -> int | None:
    """The first id after `first` of a range that nobody has, as Docker wants it; None where there is none."""
    others = sorted((taken for taken in ranges if taken.name != owner), key=lambda taken: taken.first)
    free = first
    for taken in others:
        if taken.overlaps(free, RANGE_SIZE):
            free = -(-(taken.first + taken.count) // RANGE_SIZE) * RANGE_SIZE
    return free if first < free <= _LAST_FIRST else None


def check_free(texts: Mapping[str, str], accounts: Sequence[IdRange], owner: str, first: int) -> None:
    """Raise SandboxError with everything that keeps `owner` from the range: malformed lines, and whose ids are in it.

    `texts`: path of each table to its content.
    """
    problems = [problem for path, text in texts.items() for problem in find_malformed_lines(text, path, owner)]
    if problems:
        raise SandboxError(
            f"{'; '.join(problems)}: expected name:first:count",
            "mend it: Docker cannot remap ids with a line that it cannot read; nothing was changed",
        )
    ranges = [taken for path, text in texts.items() for taken in parse_ranges(text, path)]
    taken = [str(one) for one in find_taken(ranges, owner, first)]
    taken += [str(one) for one in accounts if one.overlaps(first, RANGE_SIZE)]
    if taken:
        raise SandboxError(
            f"subordinate ids {first} to {first + RANGE_SIZE - 1}: {'; '.join(taken)}, expected ids of nobody",
            "choose another sandbox_userns_first_id; nothing was changed",
        )


def parse_accounts(text: str, path: str) -> tuple[IdRange, ...]:
    """The ids of /etc/passwd or /etc/group: the third field of both. Lines that are no entry are nobody's."""
    rows = [line.split(":") for line in text.splitlines()]
    return tuple(IdRange(path, row[0], int(row[2])) for row in rows if len(row) > 2 and row[2].isdecimal())


def parse_subid_list(text: str, path: str) -> tuple[IdRange, ...]:
    """From `getsubids NAME`."""
    found = (_LISTED.fullmatch(line.strip()) for line in text.splitlines())
    return tuple(IdRange(path, row[1], int(row[2]), int(row[3])) for row in found if row)


def parse_ranges(text: str, path: str) -> tuple[IdRange, ...]:
    """The ranges of /etc/subuid or /etc/subgid, as Docker reads them: without blanks around them, and no comments."""
    lines = (line.strip() for line in text.splitlines())
    rows = [line.split(":") for line in lines if not line.startswith("#")]
    return tuple(
        IdRange(path, row[0], int(row[1]), int(row[2]))
        for row in rows
        if len(row) == _FIELDS and row[1].isdecimal() and row[2].isdecimal()
    )
