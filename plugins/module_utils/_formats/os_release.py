"""/etc/os-release. Source: os-release(5)."""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True)
class Distribution:
    """From /etc/os-release: `debian`, `13`, `Debian GNU/Linux 13 (trixie)`. Testing and unstable have no version."""

    id: str
    version: str
    title: str


def parse_os_release(text: str) -> Distribution:
    words = shlex.split(text, comments=True)
    values = dict(word.split("=", 1) for word in words if "=" in word)
    return Distribution(values.get("ID", "linux"), values.get("VERSION_ID", ""), values.get("PRETTY_NAME", "unknown"))
