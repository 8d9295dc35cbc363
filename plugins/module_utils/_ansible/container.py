"""From the module's parameters to the control `container`. What sessions would be is judged before it is written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .._controls.container.control import LIMITS, SERVICE, SOCKET, container_control, render_fragments
from .._controls.container.preflight import find_taken_gid, find_taken_uids, find_unknown_users
from .._controls.container.spec import read_fragment
from .._controls.names import FRAGMENTS, GROUP, SLICE
from .._controls.preflight.asked import Asked
from .._controls.problem import Problem
from .._controls.registry import KEYS, parse_spec
from .._engine.resources import Control
from .._system.account_reader import AccountReader
from .._system.fragments import read_fragments
from .._system.outside import Outside
from .findings import read_account, read_text, refuse

_TEXT = {"type": "str", "required": True}
_NUMBER = {"type": "int", "required": True}
_TEXTS = {"type": "list", "elements": "str"}
_BIND = {"source": _TEXT, "target": _TEXT}
_UNITS = {"slice_unit": SLICE, "socket_unit": SOCKET, "service_unit": SERVICE}
_SIZES = ("home_size", "tmp_size", "run_size", "shm_size", "file_size", "memory")
ARGUMENTS: dict[str, Any] = {
    "command": {**_TEXTS, "required": True},
    "any_command": {"type": "bool", "default": False},
    "environment": {"type": "dict", "default": {}},
    "client_environment": {**_TEXTS, "default": []},
    "users": {**_TEXTS, "default": []},
    **dict.fromkeys(("gid", "sessions", "uid_base", "pids", "open_files"), _NUMBER),
    "cpus": {"type": "float", "required": True},
    "home_directory": _TEXT,
    "home_volume": {"type": "str", "default": ""},
    **dict.fromkeys(_SIZES, _TEXT),
    "binds": {"type": "list", "elements": "dict", "options": _BIND, "default": []},
    **dict.fromkeys(_UNITS, _TEXT),
}
# What other controls of this level give; without them a specification is not complete, and a plan still makes sense.
_OTHERS = ("00-image.json", "12-network.json")


def container_of(params: Mapping[str, Any]) -> Control:
    """Raises SandboxError for settings that no session could be started from, together with what is on the host, and
    for ids and accounts that are not there to be taken.
    """
    ours = render_fragments(params)
    for name, text in ours.items():
        read_fragment(name, text, KEYS)
    whole = {**read_fragments(Path(FRAGMENTS)), **ours}
    if all(name in whole for name in _OTHERS):
        parse_spec(whole)
    control = container_control(params, {unit: params[name] for name, unit in _UNITS.items()})
    refuse(find_taken(params, Outside()))
    return control


def find_taken(params: Mapping[str, Any], outside: Outside) -> Iterator[Problem]:
    """Only what is not ours yet is asked for, so that nothing is read where nothing changes."""
    uids = range(params["uid_base"], params["uid_base"] + params["sessions"])
    gid, members = read_account(outside, "/etc/group", GROUP)
    has_uids, has_gid = _has_uids(outside, params), gid == params["gid"]
    users = [name for name in params["users"] if name not in members]
    if has_uids and has_gid and not users:
        return
    found = AccountReader(outside).read(Asked((*uids, params["gid"]), tuple(users)))
    if not has_uids:
        yield from find_taken_uids(found.ids, uids)
    if not has_gid:
        yield from find_taken_gid(found.ids, params["gid"])
    yield from find_unknown_users(users, found.accounts)


def _has_uids(outside: Outside, params: Mapping[str, Any]) -> bool:
    """Whether sessions have these already."""
    try:
        there = json.loads(read_text(outside, f"{FRAGMENTS}/{LIMITS}") or "{}")
    except ValueError:
        return False
    return isinstance(there, dict) and all(there.get(key) == params[key] for key in ("uid_base", "sessions"))
