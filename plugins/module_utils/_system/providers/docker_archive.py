"""An image kept in a file, for the time when Docker has turned to a data folder without it."""

from __future__ import annotations

import os
import posixpath
import tarfile
from collections.abc import Mapping, Sequence
from typing import Any

from ..._controls.names import DOCKER_SOCKET
from ..._engine.errors import RefusedError, SandboxError
from ..._engine.states import ABSENT, State
from ..._engine.steps import Change
from ..._formats.resource_facts import DockerArchiveFacts, facts_of
from ..docker_api import DockerApi
from ..docker_presence import has_docker_run
from ..docker_remap import is_remapped
from ..files import clear, lstat, remove, temporary_path
from ..outside import Outside, explained
from ..superseded import remove_superseded
from .docker_image import load_archive
from .provider import PlainProvider

_PATIENCE = 900.0
_MIB = 1 << 20


class DockerArchiveProvider(PlainProvider):
    """name: the path, `…/HEX.tar`, HEX being the image's id. facts: DockerArchiveFacts.

    A file of that name is whole: it got the name once it was.
    """

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self._api = DockerApi(outside.path(DOCKER_SOCKET), timeout=_PATIENCE)

    def observe(self, name: str) -> State:
        if lstat(self._outside, name) is None:
            return ABSENT
        return DockerArchiveFacts(f"sha256:{posixpath.basename(name)[: -len('.tar')]}").state

    def rehearse(self, change: Change) -> None:
        path, wanted = change.resource.name, facts_of(DockerArchiveFacts, change.after)
        if wanted is None:
            return
        found = self._inspect(wanted.image)
        if found is None:
            raise RefusedError(f"docker image {wanted.image}: is not on the host", "run the role image first")
        folder = posixpath.dirname(path)
        with explained("look at the file system of", folder):
            room = os.statvfs(self._outside.path(folder))
        free, needed = room.f_bavail * room.f_frsize // _MIB, int(found["Size"]) // _MIB + 1
        if free < needed:
            raise RefusedError(f"{path}: {free} MiB are free in {folder}, {needed} needed", "make room")

    def swap_one(self, change: Change) -> None:
        path, wanted = change.resource.name, facts_of(DockerArchiveFacts, change.after)
        if wanted is None:
            self._carry_back(change)
            remove(self._outside, path)
            return
        fresh = temporary_path(path)
        clear(self._outside, fresh)
        try:
            self._save(wanted, fresh)
            check_whole(self._outside.path(fresh), path)
            self._outside.rename(fresh, path)
        except SandboxError:
            clear(self._outside, fresh)
            raise
        self._outside.sync_folder(posixpath.dirname(path))

    def _carry_back(self, change: Change) -> None:
        """A newer image came while Docker worked on the other folder: back on its own, Docker has only the former."""
        kept = facts_of(DockerArchiveFacts, change.before)
        if kept is None or is_remapped(self._outside) or not has_docker_run(self._outside):
            return
        if self._inspect(kept.image) is None:
            load_archive(self._api, self._outside, change.resource.name)
            remove_superseded(self._api, self._outside)
            self._outside.sync_all(f"docker image {kept.image}")

    def _save(self, wanted: DockerArchiveFacts, fresh: str) -> None:
        descriptor = self._outside.create(fresh)
        try:
            names = ",".join(wanted.names or [wanted.image])
            self._api.download(
                "/images/get", {"names": names}, lambda piece: self._outside.write(descriptor, piece, fresh)
            )
            self._outside.sync(descriptor, fresh)
        finally:
            os.close(descriptor)

    def recover(self, names: Sequence[str]) -> None:
        for name in names:
            clear(self._outside, temporary_path(name))

    def _inspect(self, image: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = None
        if has_docker_run(self._outside):
            found = self._api.find(f"/images/{image}/json")
        return found


def check_whole(archive: str, path: str) -> None:
    """Raise SandboxError for an archive that was cut off. Its members are not read, only found."""
    try:
        with tarfile.open(archive, "r:") as members:
            names = members.getnames()
    except (tarfile.TarError, EOFError) as error:
        raise SandboxError(f"{path}: Docker's archive was cut off: {error}", "look into Docker's log") from error
    if "manifest.json" not in names:
        raise SandboxError(f"{path}: has no manifest.json, expected what `docker save` gives", "look into Docker's log")
