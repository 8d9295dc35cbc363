"""Short ways to wish for each kind of resource, with the facts that its provider in `_system/providers` understands."""

from __future__ import annotations

from typing import Any

from .._engine.resources import Activation, Resource, Reversibility, Wish
from .._formats.accounts import build_group_line, build_gshadow_line, build_passwd_line, build_shadow_line
from .._formats.resource_facts import FileFacts, JsonKeyFacts, PackageFacts, TableEntryFacts, TypedFacts, UnitFacts

# Any day: nobody logs in to a system account, so its password never has to be changed.
_PASSWORD_DAY = 20000

DAEMON_RELOAD = Activation("daemon-reload")


def restart_unit(unit: str) -> Activation:
    return Activation("restart", unit)


def reload_unit(unit: str) -> Activation:
    return Activation("reload", unit)


def whole_file(
    path: str,
    content: str,
    *activates: Activation,
    mode: int = 0o644,
    gid: int = 0,
    check: tuple[str, ...] = (),
) -> Wish:
    """A whole file, owned by root. `content` may carry undecodable bytes as surrogates (`surrogateescape`)."""
    facts = FileFacts(type="file", content=content, mode=mode, uid=0, gid=gid)
    return Wish(Resource("file", path), facts.state, activates, check)


def unit_file(name: str, text: str, *activates: Activation) -> Wish:
    """A unit of ours, which systemd reads anew before anything else is done with it."""
    return whole_file(f"/etc/systemd/system/{name}", text, DAEMON_RELOAD, *activates)


def folder(path: str, mode: int = 0o755) -> Wish:
    return Wish(Resource("file", path), FileFacts(type="folder", mode=mode, uid=0, gid=0).state)


def json_key(path: str, key: str, value: Any, *activates: Activation, check: tuple[str, ...] = ()) -> Wish:
    """One top-level key of a JSON file that others write to as well."""
    return Wish(Resource("json_key", f"{path}#{key}"), JsonKeyFacts(value).state, activates, check)


def table_entry(path: str, name: str, line: str) -> Wish:
    """One line of a colon-separated table, such as /etc/group, found by its first field."""
    return Wish(Resource("table_entry", f"{path}#{name}"), TableEntryFacts(line).state)


def system_account(name: str, uid: int, comment: str) -> tuple[Wish, ...]:
    """A user and a group of the same name and id, to which nobody can log in."""
    return (
        table_entry("/etc/group", name, build_group_line(name, uid)),
        table_entry("/etc/gshadow", name, build_gshadow_line(name)),
        table_entry("/etc/passwd", name, build_passwd_line(name, uid, uid, comment, "/nonexistent")),
        table_entry("/etc/shadow", name, build_shadow_line(name, _PASSWORD_DAY)),
    )


def unit(name: str) -> Wish:
    """Running, and started at boot."""
    return Wish(Resource("unit", name), UnitFacts("enabled", "active").state)


def running_unit(name: str) -> Wish:
    """Running; what starts it at boot is another unit's business."""
    return Wish(Resource("unit", name), UnitFacts(active="active").state)


def package(name: str) -> Wish:
    return Wish(Resource("package", name), PackageFacts(installed=True).state, reversibility=Reversibility.BEST_EFFORT)


def repaired(kind: str, name: str, facts: TypedFacts) -> Wish:
    """Something that is mended when it is broken, and that nobody wants broken again."""
    return Wish(Resource(kind, name), facts.state, reversibility=Reversibility.NONE)


def footprint(kind: str, name: str) -> Wish:
    """Something that our other changes move: remembered and put back, never set."""
    return Wish(Resource(kind, name), None)
