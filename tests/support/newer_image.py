"""Another image of the same name and the same files, as a build a year later would give it."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

_CREATED = "2031-01-01T00:00:00Z"
# The layer is most of it, and the lab's way to its machine is short.
_COMPRESSION = 1


def write_newer_image(archive: Path, newer: Path) -> str:
    """Write `newer` from `archive`, in the format of `docker save`; the new image's id."""
    with tarfile.open(archive) as former, tarfile.open(newer, "w:gz", compresslevel=_COMPRESSION) as written:
        (image,) = json.loads(_read(former, "manifest.json"))
        config = json.dumps({**json.loads(_read(former, image["Config"])), "created": _CREATED}).encode()
        name = f"{hashlib.sha256(config).hexdigest()}.json"
        (layer,) = image["Layers"]
        written.addfile(former.getmember(layer), former.extractfile(layer))
        _add(written, name, config)
        _add(written, "manifest.json", json.dumps([{**image, "Config": name}]).encode())
    return f"sha256:{name.removesuffix('.json')}"


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    return file.read() if file else b""


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))
