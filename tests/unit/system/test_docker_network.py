"""What is asked before the sessions' former network goes, and who may be on it."""

from __future__ import annotations

from collections.abc import Mapping
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

    def __init__(self, *listed: Mapping[str, Any]) -> None:
        super().__init__(Outside())
        self.listed = listed

    def _inspect(self, name: str) -> dict[str, Any]:
        return {"Name": name, "Containers": {entry["Id"]: {"Name": entry["Names"][0]} for entry in self.listed}}

    def _list_containers(self) -> list[Mapping[str, Any]]:
        return list(self.listed)


def entry(name: str, **labels: str) -> dict[str, Any]:
    """As `GET /containers/json` has it."""
    marks = {key.replace("_", "."): value for key, value in labels.items()}
    return {"Id": f"id-{name}", "Names": [f"/{name}"], "Labels": marks}


def test_an_empty_network_may_go() -> None:
    Provider().rehearse(REMOVAL)


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (entry("web"), "has to be made anew, but web use it"),
        (entry("ably-sandbox-web-1", com_docker_compose_project="ably-sandbox"), "but ably-sandbox-web-1 use it"),
        (entry("ably-sandbox-b5a67e8f6165"), "but ably-sandbox-b5a67e8f6165 use it"),
        (entry("other", io_ably_sandbox_session="b5a67e8f6165"), "but other use it"),
        (
            entry("ably-sandbox-b5a67e8f6165", io_ably_sandbox_session="b5a67e8f6165"),
            "is removed, but sessions b5a67e8f6165 use it",
        ),
    ],
)
def test_one_that_is_used_may_not(there: Mapping[str, Any], said: str) -> None:
    """A session may have been opened since preflight has looked."""
    with pytest.raises(RefusedError, match=said):
        Provider(there).rehearse(REMOVAL)
