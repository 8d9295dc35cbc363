"""Where images come to lie, by how Docker runs and by how it would start. Pure.

Source: dockerd(8), daemon.json; the answers of `GET /info`; `containerd config dump`.
"""

from __future__ import annotations

import re

from .start import StartFacts

CONTAINERD_ROOT = "/var/lib/containerd"
# From here on it is what a Docker without data of its own takes.
_CONTAINERD_STORE = (29, 0)
_ROOT = re.compile(r"""^root\s*=\s*(["'])(?P<root>/.*?)\1""")


def data_roots(start: StartFacts) -> tuple[str, ...]:
    """The one with which Docker starts next, and that on which it works now; both are the same nearly always."""
    return tuple(dict.fromkeys((start.data_root, *((start.running.data_root,) if start.running else ()))))


def image_stores(start: StartFacts) -> tuple[bool, bool]:
    """Whether images may come to lie in Docker's own folder, and whether in containerd's."""
    has_containerd = start.running.has_snapshotter if start.running else start.configuration.image_store
    if has_containerd is not None:
        return not has_containerd, has_containerd
    return True, start.version is not None and start.version >= _CONTAINERD_STORE


def parse_containerd_root(text: str) -> str:
    """From `containerd config dump`, where it stands before the first table."""
    for line in text.splitlines():
        found = _ROOT.match(line.strip())
        if found:
            return found["root"]
        if line.startswith("["):
            break
    return CONTAINERD_ROOT
