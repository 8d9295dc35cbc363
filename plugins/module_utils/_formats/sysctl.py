"""Files of kernel parameters. Source: sysctl.d(5), sysctl(8)."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

_COMMENTS = ("#", ";")


def parse_settings(text: str) -> list[tuple[str, str]]:
    """Name and value of each line, in their order. A name may be a pattern; it comes with dots between its levels."""
    lines = (line.strip() for line in text.lstrip("\ufeff").splitlines())
    pairs = (line.lstrip("-").partition("=") for line in lines if not line.startswith(_COMMENTS))
    return [(_dotted(name.strip()), value.strip()) for name, is_set, value in pairs if is_set]


def find_last(settings: Iterable[tuple[str, str]], names: Iterable[str]) -> str | None:
    """The value that counts, of a parameter that has these names; None where nothing sets it."""
    wanted = tuple(names)
    found = [value for pattern, value in settings if any(fnmatchcase(name, pattern) for name in wanted)]
    return found[-1] if found else None


def _dotted(name: str) -> str:
    """The first separator says which one parts the levels; the other one then belongs to a level's own name."""
    is_path = "/" in name.split(".", 1)[0]
    return name.translate(str.maketrans("./", "/.")) if is_path else name
