"""The key of daemon.json that has Docker remap ids. With it Docker turns to another data folder."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from ..._controls.container.whose import others_containers
from ..._engine.errors import RefusedError
from ..._engine.steps import Change
from ..._formats.resource_facts import DockerRemapFacts, facts_of
from ..docker_api import DockerApi, DockerUnreachableError
from ..docker_presence import has_docker_run
from ..systemd import Systemd
from .json_key import JsonKeyProvider


class DockerRemapProvider(JsonKeyProvider):
    """name: as for `json_key`. facts: DockerRemapFacts."""

    def rehearse(self, change: Change) -> None:
        there, wanted = (facts_of(DockerRemapFacts, state) for state in (change.before, change.after))
        if there and wanted and there.value is not None and wanted.value is not None:
            raise RefusedError(
                f"{change.resource}: is {there.value!r} already, expected no such key or {wanted.value!r}",
                "somebody else remaps ids here; take the key out, restart Docker, and see what that hides",
            )
        if wanted and wanted.value is not None and not wanted.others_may_run:
            self._refuse_others(change.resource.name, "stop them, or set sandbox_preflight_allow_containers")
        super().rehearse(change)

    def consent(self, changes: Sequence[Change], force: bool) -> None:
        """A Docker that does not answer has nothing to lose sight of: going back is what may cure it."""
        super().consent(changes, force)
        for change in changes:
            if not (force or change.before.is_absent):
                with contextlib.suppress(DockerUnreachableError):
                    self._refuse_others(change.resource.name, "stop them, or roll back with force")

    def _refuse_others(self, name: str, hint: str) -> None:
        is_up = Systemd(self._outside).show("docker.service", "ActiveState")["ActiveState"] == "active"
        if not is_up or not has_docker_run(self._outside):
            return
        found = DockerApi(self._outside.path("/run/docker.sock")).get("/containers/json")
        others = others_containers(found)
        if others:
            raise RefusedError(
                f"{name}: others' containers run: {', '.join(others)}; Docker would no longer know them", hint
            )
