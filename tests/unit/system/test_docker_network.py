"""What is asked before the sessions' former network goes, and who may be on it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import RefusedError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Resource
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT
from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.docker_network import DockerNetworkProvider
from ansible_collections.ably.sandbox.tests.states import present

NAME = "ably-sandbox"
REMOVAL = Change(Resource("docker_network", NAME), present(driver="bridge"), ABSENT)


class Provider(DockerNetworkProvider):
    """On a Docker whose network has these containers."""

    def __init__(self, *names: str) -> None:
        super().__init__(Outside())
        self.names = names

    def _inspect(self, name: str) -> dict[str, Any]:
        return {"Name": name, "Containers": {f"id{n}": {"Name": found} for n, found in enumerate(self.names)}}


def test_an_empty_network_may_go() -> None:
    Provider().rehearse(REMOVAL)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("web",), "has to be made anew, but web use it"),
        (("ably-sandbox-b5a67e8f6165",), "is removed, but sessions b5a67e8f6165 use it"),
    ],
)
def test_one_that_is_used_may_not(names: tuple[str, ...], said: str) -> None:
    """A session may have been opened since preflight has looked."""
    with pytest.raises(RefusedError, match=said):
        Provider(*names).rehearse(REMOVAL)
