"""Docker's networks and images in the data folder of remapped ids. There are none while ids are not remapped."""

from __future__ import annotations

from ..._engine.errors import RefusedError
from ..._engine.resources import Traits
from ..._engine.states import ABSENT, State
from ..._engine.steps import Change
from ..docker_remap import is_remapped
from ..outside import Outside
from .docker_image import DockerImageProvider
from .docker_network import DockerNetworkProvider


class RemappedNetworkProvider(DockerNetworkProvider):
    """name and facts: as for `docker_network`."""

    traits = Traits()

    def observe(self, name: str) -> State:
        return super().observe(name) if is_remapped(self._outside) else ABSENT

    def rehearse(self, change: Change) -> None:
        refuse_unmapped(self._outside, change)
        super().rehearse(change)


class RemappedImageProvider(DockerImageProvider):
    """name and facts: as for `docker_image`."""

    traits = Traits()

    def observe(self, name: str) -> State:
        return super().observe(name) if is_remapped(self._outside) else ABSENT

    def rehearse(self, change: Change) -> None:
        refuse_unmapped(self._outside, change)
        super().rehearse(change)


def refuse_unmapped(outside: Outside, change: Change) -> None:
    if not change.after.is_absent and not is_remapped(outside):
        raise RefusedError(f"{change.resource}: Docker does not remap ids, or does not answer", "run the role userns")
