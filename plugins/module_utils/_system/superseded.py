"""Removes images that a newer one has taken the name from, once nobody uses them."""

from __future__ import annotations

from .._controls.image.superseded import find_superseded
from .._engine.ledger import fold
from .docker_api import DockerApi, DockerApiError
from .outside import Outside
from .store import LedgerStore

_IN_USE = 409


def remove_superseded(api: DockerApi, outside: Outside) -> None:
    """What somebody has given a name stays, and what a container uses, until it is asked again."""
    for image in find_superseded(fold(LedgerStore(outside).read())):
        found = api.find(f"/images/{image}/json")
        if found is None or found.get("RepoTags") or found.get("RepoDigests"):
            continue
        outside.step("remove", f"docker image {image}")
        try:
            api.delete(f"/images/{image}")
        except DockerApiError as error:
            if error.status != _IN_USE:
                raise
