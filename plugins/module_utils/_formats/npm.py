"""What `npm view --json` says of one version of a package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

# What is asked of the registry.
FIELDS = ("version", "dist.integrity", "time")


class NpmFormatError(ValueError):
    """Npm has said what nobody expected of it."""


@dataclass(frozen=True)
class Published:
    """`integrity`: of the package's archive, as npm writes it. `date`: when, in ISO 8601; empty where the registry does
    not say. `moment`: the same in Unix seconds, rounded up; 0 without a date.
    """

    integrity: str
    date: str = ""
    moment: int = 0


def read_view(text: str, version: str) -> Published:
    """What the registry has of `version`, without the moment. Raises NpmFormatError."""
    said = _read_object(text)
    if said.get("version") != version:
        raise NpmFormatError(f"expected the version {version}, found {said.get('version')!r}")
    times = said.get("time")
    return Published(
        str(said.get("dist.integrity", "")), str(times.get(version, "")) if isinstance(times, dict) else ""
    )


def read_refusal(text: str) -> str:
    """Why npm has no answer, in its own words; empty where it gives none."""
    try:
        error = _read_object(text).get("error")
    except NpmFormatError:
        return ""
    return str(error.get("summary", "")).strip() if isinstance(error, dict) else ""


def _read_object(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError as error:
        raise NpmFormatError("expected JSON") from error
    if not isinstance(said, dict):
        raise NpmFormatError("expected one version")
    return said
