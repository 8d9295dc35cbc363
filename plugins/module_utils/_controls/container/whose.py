"""Which containers are sessions, by their label and their name together: a name alone anybody may have. Pure.

A Compose project that is named `ably-sandbox` has containers such as `ably-sandbox-web-1`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..._formats.docker_objects import container_name
from .create import LABEL_SESSION, container_name_of


def session_of(name: str, labels: Mapping[str, Any] | None) -> str:
    """The session's id; empty where the container is not a session's."""
    session = str((labels or {}).get(LABEL_SESSION, ""))
    return session if session and name == container_name_of(session) else ""


def open_sessions(listed: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The ids of the sessions among these entries of `GET /containers/json`."""
    return tuple(sorted(session for session in map(_session, listed) if session))


def others_containers(listed: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The names of those that are no session's."""
    return tuple(sorted(container_name(entry) for entry in listed if not _session(entry)))


def _session(entry: Mapping[str, Any]) -> str:
    return session_of(container_name(entry), entry.get("Labels"))
