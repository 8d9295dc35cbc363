"""Docker images by name and tag, or by digest.

Docker does not wait until an image is on the disk. After a power cut it may list one whose files are empty, and use
such a layer again when the image is loaded anew. So an image is read back when it has come, and written out before it
counts. Whoever only gets a name back has the image as it was.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from ..._controls.names import DOCKER_SOCKET
from ..._engine.errors import Kept, RefusedError, SandboxError
from ..._engine.resources import Resource, Traits
from ..._engine.states import ABSENT, State
from ..._engine.steps import Change
from ..._formats.docker_objects import parse_image, split_reference
from ..._formats.resource_facts import DockerImageFacts, facts_of
from ..docker_api import DockerApi, DockerApiError
from ..docker_presence import has_docker_run
from ..docker_remap import find_data_root
from ..image_tar import unpacked_size
from ..outside import Outside, explained
from ..superseded import remove_superseded
from .provider import PlainProvider

# Loading and pulling report no progress for as long as a big layer takes.
_PATIENCE = 900.0
_ATTEMPTS = 2
_MIB = 1 << 20
# How Docker 20.10 to 28 say that a layer's files are not those that came. Anything else (a full disk, no folder for
# temporary files, a driver that does not mount) says nothing about the image.
_DAMAGE = re.compile(
    r"file integrity checksum failed|could not verify layer data|layer does not exist"
    r"|/diff\b.*: no such file or directory"
)


def _drop(_unused: bytes) -> None:
    """What is read back is only looked at by Docker."""


class DockerImageProvider(PlainProvider):
    """name: name and tag, or a name with a digest. facts: DockerImageFacts."""

    traits = Traits(hidden_by="docker_remap")  # Docker then works on another data folder

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self._api = DockerApi(outside.path(DOCKER_SOCKET), timeout=_PATIENCE)

    def observe(self, name: str) -> State:
        found = self._inspect(name) if has_docker_run(self._outside) else None
        return ABSENT if found is None else parse_image(found).state

    def rehearse(self, change: Change) -> None:
        """Where the image shall come from has to be there, and room for it beside the one that is there already."""
        if not _is_digest(change.resource.name):
            split_reference(change.resource.name)
        wanted = facts_of(DockerImageFacts, change.after)
        if wanted and wanted.archive and not os.path.isfile(self._outside.path(wanted.archive)):
            raise RefusedError(
                f"{change.resource}: the archive {wanted.archive} is not there", "send it to the host first"
            )
        if wanted and wanted.archive and has_docker_run(self._outside) and self._inspect(str(wanted.id)) is None:
            self._find_room(change.resource, wanted.archive)

    def _find_room(self, resource: Resource, archive: str) -> None:
        """Docker unpacks an archive in its data folder, and copies from there."""
        folder = find_data_root(self._outside)
        room = os.statvfs(self._outside.path(folder))
        free = room.f_bavail * room.f_frsize // _MIB
        needed = 2 * unpacked_size(self._outside.path(archive)) // _MIB + 1
        if free < needed:
            raise RefusedError(f"{resource}: {free} MiB are free in {folder}, {needed} needed to load it", "make room")

    def swap_one(self, change: Change) -> None:
        name, wanted = change.resource.name, facts_of(DockerImageFacts, change.after)
        if wanted is None:
            self._remove(name)
            remove_superseded(self._api, self._outside)
            return
        here = self._find_here(wanted)
        if here:
            self._tag(name, here)
        else:
            self._bring(change.resource, wanted)
        remove_superseded(self._api, self._outside)
        self._outside.sync_all(f"docker image {name}")

    def find_damage(self, name: str) -> str:
        """A run that was killed, and no power cut, has left it in memory alone."""
        if self.observe(name).is_absent:
            return ""
        damage = self._read_back(name)
        self._outside.sync_all(f"docker image {name}")
        return f"Docker cannot read it back: {damage}" if damage else ""

    def _find_here(self, wanted: DockerImageFacts) -> str:
        """The id of the image when it only needs its name; '' when it has to come, or to come anew."""
        name = wanted.id or wanted.of or wanted.pull
        found = self._inspect(name) if name else None
        if found is None or ((wanted.archive or wanted.pull) and self._read_back(found["Id"])):
            return ""
        return str(found["Id"])

    def _bring(self, resource: Resource, wanted: DockerImageFacts) -> None:
        """Named before it is read back: by its name it is known to be ours, whatever happens."""
        damage = ""
        for _unused in range(_ATTEMPTS):
            image = self._fetch(resource, wanted)
            self._tag(resource.name, image)
            damage = self._read_back(image)
            if not damage:
                return
            self._discard(resource, wanted, image, damage)
        raise SandboxError(
            f"{resource}: has come, and Docker cannot read it back: {damage}",
            "does another image share the layer? remove it too; else look for errors of the disk in the kernel's log",
        )

    def _fetch(self, resource: Resource, wanted: DockerImageFacts) -> str:
        """From where the facts say, to the image's id."""
        if wanted.archive:
            load_archive(self._api, self._outside, wanted.archive)
        elif wanted.pull:
            self._pull(wanted.pull)
        name = wanted.id or wanted.pull
        found = self._inspect(name) if name else None
        if found is None:
            raise SandboxError(
                f"{resource}: image {name or wanted.of} is not on the host",
                f"{wanted.archive or wanted.pull or 'nothing that is known'} does not bring it",
            )
        return str(found["Id"])

    def _read_back(self, name: str) -> str:
        """What is wrong with it, '' when it is whole. Docker compares every file with the sum it took when it came."""
        try:
            self._api.download(f"/images/{name}/get", {}, _drop)
        except DockerApiError as error:
            if not _DAMAGE.search(error.reason):
                raise
            return error.reason
        return ""

    def _discard(self, resource: Resource, wanted: DockerImageFacts, image: str, damage: str) -> None:
        """It takes the broken layer along. A layer that no image has can be taken from Docker in no other way."""
        found = self._inspect(image) or {}
        names = [*(found.get("RepoTags") or ()), *(found.get("RepoDigests") or ())]
        others = sorted({*names} - {resource.name, *(wanted.names or ())})
        if others:
            raise SandboxError(
                f"{resource}: image {image}, which others call {', '.join(others)}, cannot be read back "
                f"by Docker: {damage}",
                "it has to come anew: remove those names, then run again",
            )
        try:
            for name in [*names, image]:
                if self._inspect(name) is not None:
                    self._delete(name)
        except Kept as kept:
            raise SandboxError(f"{resource}: {damage}; {kept}", "end what uses it, then run again") from kept

    def _pull(self, name: str) -> None:
        answer = self._change("pull", name, "/images/create", {"fromImage": name})
        if isinstance(answer, dict) and "error" in answer:
            raise SandboxError(f"docker: pull {name}: {answer['error']}", "is the registry in the host's reach?")

    def _remove(self, name: str) -> None:
        """The name goes; the image itself when nothing else names it."""
        if self._inspect(name) is not None:
            self._delete(name)
        self._outside.sync_all(f"docker image {name}")

    def _delete(self, name: str) -> None:
        """Docker refuses what a container uses."""
        self._outside.step("remove", f"docker image {name}")
        try:
            self._api.delete(f"/images/{name}")
        except DockerApiError as error:
            if error.status == 409:
                raise Kept(f"docker image {name}: stays, because it is in use: {error.reason}") from error
            raise
        self._outside.step("removed", f"docker image {name}")

    def _tag(self, name: str, image: str) -> None:
        """A digest is not given: an image has it by how it came."""
        if _is_digest(name):
            return
        repository, tag = split_reference(name)
        self._change("tag", name, f"/images/{image}/tag", {"repo": repository, "tag": tag})

    def _change(self, doing: str, thing: str, path: str, query: Mapping[str, str]) -> Any:  # JSON comes in here
        self._outside.step(doing, f"docker image {thing}")
        answer = self._api.post(path, None, query)
        self._outside.step(f"{doing}: done", f"docker image {thing}")
        return answer

    def _inspect(self, name: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = self._api.find(f"/images/{name}/json")
        return found


def load_archive(api: DockerApi, outside: Outside, archive: str) -> None:
    """Raises SandboxError where Docker does not take it: it answers 200 to an archive that it has no room for."""
    outside.step("load", archive)
    with explained("read", archive), open(outside.path(archive), "rb") as file:
        answer = api.upload("/images/load", file, {"quiet": "1"})
    if isinstance(answer, dict) and "error" in answer:
        raise SandboxError(f"docker: load {archive}: {answer['error']}", "is there room in Docker's data folder?")
    outside.step("loaded", archive)


def _is_digest(name: str) -> bool:
    return "@" in name
