"""Where Docker puts images, by how it runs and by how it would start. Pure.

Source: dockerd(8), daemon.json; the answers of `GET /info`; `containerd config dump`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

DATA_ROOT = "/var/lib/docker"
CONTAINERD_ROOT = "/var/lib/containerd"
# From here on it is what a Docker without data of its own takes.
_CONTAINERD_STORE = (29, 0)
_FLAGS = ("--data-root", "--graph", "-g")
_STORE_KEY = "containerd-snapshotter"
_ROOT = re.compile(r"""^root\s*=\s*(["'])(?P<root>/.*?)\1""")


def configured_root(flags: Sequence[str], values: Mapping[str, Any]) -> str:
    """From dockerd's command line and the keys of daemon.json; empty where neither says."""
    given = [value for flag in _FLAGS for value in _values_of(flag, flags)]
    named = [str(values[key]) for key in ("data-root", "graph") if isinstance(values.get(key), str)]
    return next((value for value in (*given, *named) if value.startswith("/")), "")


def _values_of(flag: str, flags: Sequence[str]) -> list[str]:
    """Of each time that it is given: `--flag=value`, `--flag value`, `-fvalue`."""
    apart = [value for one, value in zip(flags, flags[1:]) if one == flag]
    joint = [one[len(flag) :].lstrip("=") for one in flags if one.startswith(flag if len(flag) == 2 else f"{flag}=")]
    return [*apart, *(value for value in joint if value)]


def image_stores(
    version: tuple[int, int] | None, info: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[bool, bool]:
    """Whether images may come to lie in Docker's own folder, and whether in containerd's. `info`: while it runs."""
    features = values.get("features")
    asked = features.get(_STORE_KEY) if isinstance(features, Mapping) else None
    if info:
        has_containerd = ["driver-type", "io.containerd.snapshotter.v1"] in (info.get("DriverStatus") or [])
        return not has_containerd, has_containerd
    if isinstance(asked, bool):
        return not asked, asked
    return True, version is not None and version >= _CONTAINERD_STORE


def parse_containerd_root(text: str) -> str:
    """From `containerd config dump`, where it stands before the first table."""
    for line in text.splitlines():
        found = _ROOT.match(line.strip())
        if found:
            return found["root"]
        if line.startswith("["):
            break
    return CONTAINERD_ROOT
