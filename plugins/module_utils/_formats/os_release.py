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
    """Line by line: one that no shell could read, such as a title with a lone apostrophe, spoils no other."""
    lines = (line.strip() for line in text.lstrip("\ufeff").splitlines())
    named = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    values = {name: _unquote(value) for name, _unused, value in named}
    return Distribution(values.get("ID", "linux"), values.get("VERSION_ID", ""), values.get("PRETTY_NAME", "unknown"))


def _unquote(value: str) -> str:
    """As a shell would read it; where none could, without the quotes around it."""
    try:
        return " ".join(shlex.split(value, comments=True))
    except ValueError:
        return value.strip("\"'")
