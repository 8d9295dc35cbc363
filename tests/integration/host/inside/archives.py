"""Images of one file, as Docker has them: a layer, a configuration, an archive."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def make_layer() -> bytes:
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        add(archive, "hello", b"hello\n")
    return layer.getvalue()


def make_config(layer: bytes, command: str) -> bytes:
    digest = hashlib.sha256(layer).hexdigest()
    described: dict[str, Any] = {"architecture": "amd64", "os": "linux", "config": {"Cmd": [command]}}
    return json.dumps({**described, "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]}}).encode()


def make_archive(path: Path, name: str, command: str) -> str:
    """As `docker save` would write it. Returns the image's id."""
    layer = make_layer()
    config = make_config(layer, command)
    identity = hashlib.sha256(config).hexdigest()
    manifest = [{"Config": f"{identity}.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    with tarfile.open(path, "w") as archive:
        add(archive, "layer.tar", layer)
        add(archive, f"{identity}.json", config)
        add(archive, "manifest.json", json.dumps(manifest).encode())
    return f"sha256:{identity}"
