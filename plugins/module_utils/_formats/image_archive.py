"""Image archives as `docker load` reads them: rendering one, and reading which image is in one. Pure.

An archive written here holds one image with one uncompressed layer, described twice: by `manifest.json` (Docker's
own format, read by every Docker) and by `index.json` (the OCI image layout, read by containerd's image store).
Rendering depends on nothing but its arguments, so that the same inputs give the same image id everywhere.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._engine.errors import SandboxError

MANIFEST, INDEX, LAYOUT = "manifest.json", "index.json", "oci-layout"
_TYPE_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_TYPE_CONFIG = "application/vnd.oci.image.config.v1+json"
_TYPE_LAYER = "application/vnd.oci.image.layer.v1.tar"
_TYPE_INDEX = "application/vnd.oci.image.index.v1+json"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_LAST_NAME = "org.opencontainers.image.ref.name"
_FULL_NAME = "io.containerd.image.name"


class ArchiveError(SandboxError):
    """The file is not an image archive, or holds more than one image."""


@dataclass(frozen=True)
class Layer:
    """An uncompressed layer: its digest (`sha256:...`, the diff id at the same time) and size in bytes."""

    digest: str
    size: int


@dataclass(frozen=True)
class ImageConfig:
    """What the image says about itself. `created` is a moment as RFC 3339 has it."""

    architecture: str
    created: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ArchivedImage:
    """One image of an archive.

    `image_id` is the digest of the configuration: Docker's image id with its own image store. `manifest` is the id
    with containerd's image store, None when the archive has no OCI manifest. `architecture`: in Docker's words, such
    as `amd64`; empty where the configuration names none.
    """

    image_id: str
    manifest: str | None
    tags: tuple[str, ...]
    labels: Mapping[str, str]
    architecture: str


def sha256(content: bytes) -> str:
    """The digest of `content` as `sha256:<hex>`."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def blob_path(digest: str) -> str:
    """Where a blob lies in the archive."""
    return "blobs/sha256/" + digest.partition(":")[2]


def render_config(config: ImageConfig, layer: Layer) -> bytes:
    """The image configuration (OCI image-spec config.md)."""
    return _json(
        {
            "architecture": config.architecture,
            "created": config.created,
            "os": "linux",
            "config": {
                "Cmd": list(config.command),
                "Env": [f"{name}={value}" for name, value in sorted(config.environment.items())],
                "Labels": dict(config.labels),
                "WorkingDir": "/",
            },
            "rootfs": {"type": "layers", "diff_ids": [layer.digest]},
            "history": [{"created": config.created, "created_by": "ably.sandbox image_archive"}],
        }
    )


def render_members(name: str, config: ImageConfig, layer: Layer) -> tuple[ArchivedImage, dict[str, bytes]]:
    """The image and every member of its archive except the layer, which belongs at `blob_path(layer.digest)`.

    `name` is a full reference with a tag, such as `ably-sandbox/cli:1`.
    """
    config_blob = render_config(config, layer)
    image_id = sha256(config_blob)
    manifest_blob = _json(
        {
            "schemaVersion": 2,
            "mediaType": _TYPE_MANIFEST,
            "config": {"mediaType": _TYPE_CONFIG, "digest": image_id, "size": len(config_blob)},
            "layers": [{"mediaType": _TYPE_LAYER, "digest": layer.digest, "size": layer.size}],
        }
    )
    manifest = sha256(manifest_blob)
    names = {_FULL_NAME: full_name(name), _LAST_NAME: name.rpartition(":")[2]}
    entry = {"mediaType": _TYPE_MANIFEST, "digest": manifest, "size": len(manifest_blob), "annotations": names}
    docker = {"Config": blob_path(image_id), "RepoTags": [name], "Layers": [blob_path(layer.digest)]}
    members = {
        blob_path(image_id): config_blob,
        blob_path(manifest): manifest_blob,
        INDEX: _json({"schemaVersion": 2, "mediaType": _TYPE_INDEX, "manifests": [entry]}),
        LAYOUT: _json({"imageLayoutVersion": "1.0.0"}),
        MANIFEST: _json([docker]),
    }
    return ArchivedImage(image_id, manifest, (name,), dict(config.labels), config.architecture), members


def full_name(name: str) -> str:
    """`name` with the registry and the folder that Docker leaves out."""
    first, slash, _unused = name.partition("/")
    if not slash:
        return f"docker.io/library/{name}"
    is_registry = "." in first or ":" in first or first == "localhost"
    return name if is_registry else f"docker.io/{name}"


def parse_members(members: Mapping[str, bytes]) -> ArchivedImage:
    """The one image that an archive holds; `members` are its small members (not the layers) by path.

    Reads `docker save` of every Docker, and an OCI layout packed as a tar. Raises ArchiveError.
    """
    index = _index_manifest(members)
    if MANIFEST in members:
        image = _only(_parse(members, MANIFEST), MANIFEST)
        config_path, tags = str(image.get("Config")), tuple(image.get("RepoTags") or ())
    elif index is not None:
        config_path = blob_path(str(_parse(members, blob_path(index))["config"]["digest"]))
        tags = _index_names(members)
    else:
        raise ArchiveError(f"image archive: neither {MANIFEST} nor {INDEX} in it", "make it with `docker save`")
    config = _parse(members, config_path)
    if not isinstance(config, dict) or "rootfs" not in config:
        raise ArchiveError(f"image archive: {config_path} is no image configuration")
    labels = (config.get("config") or {}).get("Labels") or {}
    return ArchivedImage(sha256(members[config_path]), index, tags, labels, str(config.get("architecture", "")))


def _index_manifest(members: Mapping[str, bytes]) -> str | None:
    if INDEX not in members:
        return None
    digest = str(_only(_parse(members, INDEX).get("manifests"), INDEX).get("digest"))
    if not _DIGEST.fullmatch(digest):
        raise ArchiveError(f"image archive: {INDEX}: expected a sha256 digest, found {digest!r}")
    return digest


def _index_names(members: Mapping[str, bytes]) -> tuple[str, ...]:
    annotations = _only(_parse(members, INDEX).get("manifests"), INDEX).get("annotations") or {}
    name = annotations.get(_FULL_NAME) or annotations.get(_LAST_NAME)
    return (name,) if name else ()


def _parse(members: Mapping[str, bytes], path: str) -> Any:
    if path not in members:
        raise ArchiveError(f"image archive: {path} is named and not there", "the file may be cut off")
    try:
        return json.loads(members[path])
    except ValueError as error:
        raise ArchiveError(f"image archive: {path}: not JSON: {error}") from error


def _only(items: Any, path: str) -> dict[str, Any]:
    if not isinstance(items, list) or len(items) != 1 or not isinstance(items[0], dict):
        found = len(items) if isinstance(items, list) else type(items).__name__
        raise ArchiveError(f"image archive: {path}: expected one image, found {found}", "save one image by its name")
    return items[0]


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
