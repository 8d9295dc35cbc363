"""Reads which distribution the host has."""

from __future__ import annotations

from .._formats.os_release import Distribution, parse_os_release
from .outside import Outside
from .reading import Reader


def read_distribution(outside: Outside) -> Distribution:
    """The second place is where the first one usually leads; see os-release(5)."""
    reader = Reader(outside)
    return parse_os_release(reader.text("/etc/os-release") or reader.text("/usr/lib/os-release"))
