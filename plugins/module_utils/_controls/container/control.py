"""The control `container`: what a session's container is, and the door through which people come in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..._engine.errors import SandboxError
from ..._engine.resources import Activation, Control, Wish
from ..._formats.accounts import build_group_line, build_gshadow_line
from ..program.control import FRAGMENTS
from ..wishes import DAEMON_RELOAD, footprint, restart_unit, running_unit, table_entry, unit, whole_file
from .descriptor import CONTAINER

GROUP = "ably-sandbox"
SLICE = "ably-sandbox.slice"
SOCKET = "ably-sandbox-session.socket"
SERVICE = "ably-sandbox-session@.service"
# systemd reads the dash in SLICE as a step down from this one, and makes it.
_PARENT_SLICE = "ably.slice"
_UNIT_FOLDER = "/etc/systemd/system"


def container_control(
    fragments: Mapping[str, Any], units: Mapping[str, str], users: Sequence[str], gid: int
) -> Control:
    """`fragments`: file name to JSON value; `units`: the texts of SLICE, SERVICE and SOCKET; `users` open sessions.

    The slice starts before the socket and stops after it: rolling back ends every session with its container.
    """
    if set(units) != {SLICE, SERVICE, SOCKET}:
        raise SandboxError(f"container: units {sorted(units)}: expected {SLICE}, {SERVICE} and {SOCKET}")
    wishes = (
        *_group(users, gid),
        *(whole_file(f"{FRAGMENTS}/{name}", text) for name, text in render_fragments(fragments).items()),
        *(_unit_file(name, units[name]) for name in (SLICE, SERVICE, SOCKET)),
        footprint("unit", _PARENT_SLICE),
        running_unit(SLICE),
        unit(SOCKET),
    )
    return Control(CONTAINER.owner, wishes)


def render_fragments(fragments: Mapping[str, Any]) -> dict[str, str]:
    """File name to text."""
    return {name: json.dumps(value, indent=2, sort_keys=True) + "\n" for name, value in sorted(fragments.items())}


def _group(users: Sequence[str], gid: int) -> tuple[Wish, ...]:
    return (
        table_entry("/etc/group", GROUP, build_group_line(GROUP, gid, users)),
        table_entry("/etc/gshadow", GROUP, build_gshadow_line(GROUP, users)),
    )


def _unit_file(name: str, text: str) -> Wish:
    """Running sessions keep what they were started with; the socket takes new numbers only when it is opened anew."""
    activates: tuple[Activation, ...] = (DAEMON_RELOAD, restart_unit(SOCKET)) if name == SOCKET else (DAEMON_RELOAD,)
    return whole_file(f"{_UNIT_FOLDER}/{name}", text, *activates)
