"""Docker images by name and tag. Facts: id, and one fact for each digest that it was pulled by.

Notes for the way there: `_archive`, the path of an archive to load, or `_pull`, a name with a digest to pull.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ..._core.errors import Kept, RefusedError, SandboxError
from ..._core.states import ABSENT, State
from ..._core.steps import Change
from ..._domain.docker_objects import image_state, pulled_fact, split_reference
from ..docker_api import DockerApi, DockerApiError
from ..docker_presence import has_docker_run
from ..outside import Outside, explained
from .kind import PlainKind

# Loading and pulling report no progress for as long as a big layer takes.
_PATIENCE = 900.0


class DockerImageKind(PlainKind):
    """Images of the host's Docker Engine."""

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self._api = DockerApi(outside.path("/run/docker.sock"), timeout=_PATIENCE)

    def observe(self, name: str) -> State:
        found = self._inspect(name) if has_docker_run(self._outside) else None
        return ABSENT if found is None else image_state(found)

    def rehearse(self, change: Change) -> None:
        """Where the image shall come from has to be there."""
        split_reference(change.resource.name)
        archive = change.after.fact("_archive")
        if archive and not os.path.isfile(self._outside.path(archive)):
            raise RefusedError(f"{change.resource}: the archive {archive} is not there", "send it to the host first")

    def swap_one(self, change: Change) -> None:
        name = change.resource.name
        if change.after.is_absent:
            self._remove(name, change.before)
            return
        image = self._wanted(change)
        repository, tag = split_reference(name)
        self._change("tag", name, f"/images/{image}/tag", {"repo": repository, "tag": tag})

    def _wanted(self, change: Change) -> str:
        """The id of the image that shall bear the name, once it is here."""
        image, archive, pulled = (change.after.fact(key) for key in ("id", "_archive", "_pull"))
        if image and self._inspect(image) is not None:
            return str(image)
        if archive:
            self._load(archive)
        elif pulled:
            self._pull(pulled)
        found = self._inspect(image or pulled) if image or pulled else None
        if found is None:
            raise SandboxError(
                f"{change.resource}: image {image or pulled} is not on the host",
                f"{archive or pulled or 'nothing that is known'} does not bring it",
            )
        return str(found["Id"])

    def _load(self, archive: str) -> None:
        self._outside.step("load", archive)
        with explained("read", archive), open(self._outside.path(archive), "rb") as file:
            self._api.upload("/images/load", file, {"quiet": "1"})
        self._outside.step("loaded", archive)

    def _pull(self, name: str) -> None:
        answer = self._change("pull", name, "/images/create", {"fromImage": name})
        if isinstance(answer, dict) and "error" in answer:
            raise SandboxError(f"docker: pull {name}: {answer['error']}", "is the registry in the host's reach?")

    def _remove(self, name: str, there: State) -> None:
        """The tag goes; the image itself when nothing else names it."""
        found = self._inspect(name)
        if found is None:
            return
        self._delete(name)
        pulled = there.fact("_pull")
        left = self._inspect(found["Id"])
        if left is not None and pulled and there.fact(pulled_fact(pulled)) and not left.get("RepoTags"):
            self._delete(pulled)

    def _delete(self, name: str) -> None:
        self._outside.step("remove", f"docker image {name}")
        try:
            self._api.delete(f"/images/{name}")
        except DockerApiError as error:
            if error.status == 409:
                raise Kept(f"docker image {name}: stays, because a container uses it: {error.reason}") from error
            raise
        self._outside.step("removed", f"docker image {name}")

    def _change(self, doing: str, thing: str, path: str, query: Mapping[str, str]) -> Any:  # JSON comes in here
        self._outside.step(doing, f"docker image {thing}")
        answer = self._api.post(path, None, query)
        self._outside.step(f"{doing}: done", f"docker image {thing}")
        return answer

    def _inspect(self, name: str) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] = self._api.get(f"/images/{name}/json")
        except DockerApiError as error:
            if error.status != 404:
                raise
            return None
        return found
