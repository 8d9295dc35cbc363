"""The control `image`: the session image is on the host, and the sessions' specification names it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..._engine.errors import SandboxError
from ..._engine.resources import Control, Resource, Wish
from ..._formats.resource_facts import DockerImageFacts
from ..names import FRAGMENTS
from ..wishes import whole_file
from .descriptor import IMAGE

IMAGE_FRAGMENT = f"{FRAGMENTS}/00-image.json"
_PULLED = re.compile(r"(?P<name>[a-z0-9][a-zA-Z0-9._:/-]*)@sha256:[0-9a-f]{64}")
_IMAGE_ID = re.compile(r"sha256:[0-9a-f]{64}")
# Images that are pulled get a name of ours, so that removing it never takes a tag of others.
PULLED_TAG = "ably-sandbox/session:pulled"


def image_control(params: Mapping[str, Any]) -> Control:
    """`params`: either `pull`, a name with a digest, or `reference` and `id`, with `archive` where it has to be loaded.

    Raises SandboxError for a name without a digest: a tag can be moved to another image by whoever has the registry.
    """
    wishes, image = _pulled(params["pull"]) if params.get("pull") else _loaded(params)
    fragment = whole_file(IMAGE_FRAGMENT, json.dumps({"image": image}, indent=2) + "\n")
    return Control(IMAGE.owner, (*wishes, fragment))


def pulled_images(digest: str) -> dict[str, DockerImageFacts]:
    """What a pull brings, by its names: the digest, which may be there already, and the tag that is always ours."""
    image = DockerImageFacts(digests=(digest,), pull=digest, names=[PULLED_TAG])
    return {digest: image, PULLED_TAG: DockerImageFacts(digests=(digest,), of=digest)}


def _pulled(name: str) -> tuple[tuple[Wish, ...], str]:
    if not _PULLED.fullmatch(name):
        raise SandboxError(f"image: {name!r}: expected a name with a digest", "for instance registry/name@sha256:…")
    return tuple(Wish(Resource("docker_image", one), facts.state) for one, facts in pulled_images(name).items()), name


def _loaded(params: Mapping[str, Any]) -> tuple[tuple[Wish, ...], str]:
    image = params["id"]
    if not _IMAGE_ID.fullmatch(image or ""):
        raise SandboxError(f"image: id {image!r}: expected sha256 and 64 hexadecimal digits", "see `docker image ls`")
    facts = DockerImageFacts(image, archive=params.get("archive"))
    return (Wish(Resource("docker_image", params["reference"]), facts.state),), image
