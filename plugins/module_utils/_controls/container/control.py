"""The control `container`: what a session's container is, and the door through which people come in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..._engine.resources import Control, Wish
from ..._formats.accounts import build_group_line, build_gshadow_line
from ..names import FRAGMENTS, GROUP, PARENT_SLICE, SLICE
from ..wishes import footprint, restart_unit, running_unit, table_entry, unit, unit_file, whole_file
from .descriptor import CONTAINER

SOCKET = "ably-sandbox-session.socket"
LIMITS = "11-limits.json"
SERVICE = "ably-sandbox-session@.service"


def container_control(settings: Mapping[str, Any], units: Mapping[str, str]) -> Control:
    """`settings`: the module's parameters; `units`: the texts of SLICE, SERVICE and SOCKET.

    The slice starts before the socket and stops after it: rolling back ends every session with its container.
    """
    wishes = (
        *_group(settings["users"], settings["gid"]),
        *(whole_file(f"{FRAGMENTS}/{name}", text) for name, text in render_fragments(settings).items()),
        *(_unit_file(name, units[name]) for name in (SLICE, SERVICE, SOCKET)),
        footprint("unit", PARENT_SLICE),
        running_unit(SLICE),
        unit(SOCKET),
    )
    return Control(CONTAINER.owner, wishes)


def render_fragments(settings: Mapping[str, Any]) -> dict[str, str]:
    """File name to JSON text."""
    fragments = {"10-filesystem.json": _filesystem(settings), LIMITS: _limits(settings)}
    return {name: json.dumps(value, indent=2, sort_keys=True) + "\n" for name, value in fragments.items()}


def _filesystem(settings: Mapping[str, Any]) -> dict[str, Any]:
    volume, size = settings["home_volume"], settings["home_size"]
    return {
        "read_only_root": True,
        "no_new_privileges": True,
        "capabilities": [],
        "tmpfs": {
            "/tmp": {"size": settings["tmp_size"], "mode": "1777"},  # noqa: S108  # the session's, not the host's
            "/run": {"size": settings["run_size"], "mode": "0755"},
        },
        "home": {"volume": volume} if volume else {"tmpfs": {"size": size, "mode": "0700"}},
        "home_directory": settings["home_directory"],
        "shm_size": settings["shm_size"],
        "binds": settings["binds"],
        "command": settings["command"],
        "any_command": settings["any_command"],
        "env": settings["environment"],
        "client_env": settings["client_environment"],
    }


def _limits(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sessions": settings["sessions"],
        "uid_base": settings["uid_base"],
        "pids": settings["pids"],
        "memory": settings["memory"],
        "cpus": settings["cpus"],
        "ulimits": {"nofile": settings["open_files"], "core": 0, "fsize": settings["file_size"]},
    }


def _group(users: Sequence[str], gid: int) -> tuple[Wish, ...]:
    return (
        table_entry("/etc/group", GROUP, build_group_line(GROUP, gid, users)),
        table_entry("/etc/gshadow", GROUP, build_gshadow_line(GROUP, users)),
    )


def _unit_file(name: str, text: str) -> Wish:
    """Running sessions keep what they were started with; the socket takes new numbers only when it is opened anew."""
    return unit_file(name, text, *((restart_unit(SOCKET),) if name == SOCKET else ()))
