"""The colon-separated tables of accounts: /etc/passwd, group, shadow, gshadow, subuid, subgid.

Lines are built from what the caller chose; no id and no name is picked here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .._engine.errors import SandboxError

# Debian's useradd takes these without being forced; 32 is what utmp and the shadow suite can hold.
_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_SPLITS = frozenset(",:")
MEMBER = "no comma, no colon, nothing that cannot be printed, neither a blank at an end nor - or + in front"
_LARGEST_ID = 2**32 - 2
# Table -> number of fields.
_FIELDS = {"passwd": 7, "shadow": 9, "group": 4, "gshadow": 4, "subuid": 3, "subgid": 3}
# Those with password hashes in them.
_SECRET_TABLES = ("/etc/shadow", "/etc/gshadow")
# Tables in which the third field is an id that must not be there twice.
_WITH_ID = ("passwd", "group")


class TableError(SandboxError):
    """A table or a line of it is not as it must be."""


def build_passwd_line(name: str, uid: int, gid: int, comment: str, home: str, shell: str = "/usr/sbin/nologin") -> str:
    return _join("passwd", _name(name), "x", _id(uid), _id(gid), comment, home, shell)


def build_shadow_line(name: str, changed_day: int) -> str:
    """An account that nobody can log in to by password. `changed_day` counts from 1970-01-01; it never expires."""
    return _join("shadow", _name(name), "!", str(changed_day), "", "", "", "", "", "")


def build_group_line(name: str, gid: int, members: Sequence[str] = ()) -> str:
    r"""`members`: as NSS has them, which may come from a directory, such as `DOM\user` or `john.doe`."""
    return _join("group", _name(name), "x", _id(gid), ",".join(map(_member, members)))


def build_gshadow_line(name: str, members: Sequence[str] = ()) -> str:
    return _join("gshadow", _name(name), "!", "", ",".join(map(_member, members)))


def build_range_line(name: str, first: int, count: int) -> str:
    """A line of /etc/subuid or /etc/subgid."""
    if count < 1:
        raise TableError(f"{name}: a range of {count} ids is none")
    _id(first + count - 1)
    return _join("subuid", _name(name), _id(first), str(count))


def find_entry(content: bytes, name: str, path: str) -> bytes | None:
    """The line that begins with `name:`, without its end. Raises TableError if malformed, or there several times."""
    prefix = name.encode() + b":"
    own = [(number, line) for number, line in enumerate(content.split(b"\n"), 1) if line.startswith(prefix)]
    if not own:
        return None
    if len(own) > 1:
        numbers = ", ".join(str(number) for number, _unused in own)
        raise TableError(f"{path}: {name} is there {len(own)} times, in lines {numbers}", "keep one of them")
    number, line = own[0]
    fields = _FIELDS.get(table_of(path))
    if fields is not None and line.count(b":") != fields - 1:
        raise TableError(
            f"{path}: line {number} ({name}) has {line.count(b':') + 1} fields, expected {fields}", "mend it"
        )
    return line


def set_entry(content: bytes, name: str, line: bytes, path: str) -> bytes:
    """The table with the entry's line replaced in its place, or added at the end."""
    former = find_entry(content, name, path)
    if former is not None:
        return b"\n".join(line if other == former else other for other in content.split(b"\n"))
    gap = b"" if content.endswith(b"\n") or not content else b"\n"
    return content + gap + line + b"\n"


def remove_entry(content: bytes, name: str, path: str) -> bytes:
    former = find_entry(content, name, path)
    if former is None:
        return content
    return b"\n".join(other for other in content.split(b"\n") if other != former)


def parse_entry(line: bytes) -> tuple[int | None, tuple[str, ...]]:
    """The id and, of a group, the members of a line of passwd or group. None for what is no number."""
    fields = line.decode("utf-8", "surrogateescape").split(":")
    number = int(fields[2]) if len(fields) > 2 and fields[2].isdigit() else None
    return number, tuple(filter(None, fields[3].split(","))) if len(fields) == _FIELDS["group"] else ()


def find_other_with_id(content: bytes, line: bytes, path: str) -> str | None:
    """The name of another entry with the same uid or gid as `line`, in the tables where that matters."""
    fields = line.split(b":")
    if table_of(path) not in _WITH_ID or len(fields) < 3:
        return None
    for other in content.split(b"\n"):
        there = other.split(b":")
        if len(there) > 2 and there[2] == fields[2] and there[0] != fields[0]:
            return there[0].decode("utf-8", "replace")
    return None


def entries_of(content: bytes) -> tuple[bytes, ...]:
    """What a table means: its lines that are not empty, in their order."""
    return tuple(line for line in content.split(b"\n") if line.strip())


def table_of(path: str) -> str:
    """`group` for /etc/group, and for its backup /etc/group-."""
    return path.rpartition("/")[2].rstrip("-")


def is_table(path: str) -> bool:
    return table_of(path) in _FIELDS


def has_secrets(path: str) -> bool:
    """Whether it is a table that not everybody may read."""
    return path in _SECRET_TABLES


def check_line(line: str, name: str, path: str) -> None:
    """Raise TableError unless `line` is an entry for `name` in that table."""
    fields = line.split(":")
    if "\n" in line or fields[0] != name:
        raise TableError(f"{path}: the line for {name} begins with {fields[0]!r} or has a line end in it")
    expected = _FIELDS.get(table_of(path))
    if expected is not None and len(fields) != expected:
        raise TableError(f"{path}: the line for {name} has {len(fields)} fields, expected {expected}")


def _join(table: str, *fields: str) -> str:
    odd = next((field for field in fields if ":" in field or "\n" in field), None)
    if odd is not None:
        raise TableError(f"{table}: {odd!r} may have neither a colon nor a line end in it")
    return ":".join(fields)


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise TableError(f"{name!r} is no account name", "lower case letters, digits, - and _, at most 32")
    return name


def _member(name: str) -> str:
    """What the C library reads back as it was written: it splits at commas, and takes blanks off the beginning.

    A sign in front is how compat mode marks what is not an account.
    """
    is_plain = name == name.strip() and name.isprintable() and not name.startswith(("-", "+"))
    if not name or not is_plain or not _SPLITS.isdisjoint(name):
        raise TableError(f"{name!r} is no account name", MEMBER)
    return name


def _id(number: int) -> str:
    if not 0 <= number <= _LARGEST_ID:
        raise TableError(f"{number} is no id", f"0 to {_LARGEST_ID}")
    return str(number)
