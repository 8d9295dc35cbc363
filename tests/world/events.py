"""The record of everything that reached the outside: one JSON object a line."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import IO, Any


class EventLog:
    """Appends events to a file. Keys: time (Unix seconds), service, event, and what the event adds.

    `from` and `to` are "address:port"; `sni` is null when the client sent no server name.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, service: str, event: str, **details: Any) -> None:
        """Append one event; on disk for readers when this returns (the file is line buffered)."""
        entry = {"time": round(time.time(), 3), "service": service, "event": event, **details}
        self._stream.write(json.dumps(entry, ensure_ascii=True) + "\n")


def open_event_log(path: Path) -> EventLog:
    """Open `path` for appending, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return EventLog(path.open("a", buffering=1, encoding="utf-8"))


def peer(address: Any) -> str:
    """A socket address as "address:port"."""
    return f"{address[0]}:{address[1]}"
