"""Docker networks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ..._controls.container.whose import open_sessions, others_containers
from ..._controls.names import DOCKER_SOCKET
from ..._engine.errors import Kept, RefusedError
from ..._engine.resources import Traits
from ..._engine.states import ABSENT, State
from ..._engine.steps import Change
from ..._formats.docker_objects import attached_containers, list_attached, parse_network, render_network
from ..._formats.resource_facts import DockerNetworkFacts, facts_of
from ..docker_api import DockerApi
from ..docker_presence import has_docker_run
from ..outside import Outside
from .provider import PlainProvider

_INTERFACES = "/sys/class/net"
_BRIDGE_NAME = "com.docker.network.bridge.name"
_OUR_LABEL = "io.ably.sandbox"


class DockerNetworkProvider(PlainProvider):
    """name: the network's. facts: DockerNetworkFacts."""

    traits = Traits(hidden_by="docker_remap")  # Docker then works on another data folder

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self._api = DockerApi(outside.path(DOCKER_SOCKET))

    def observe(self, name: str) -> State:
        """Absent also where Docker never ran. Raises SandboxError where it should answer and does not."""
        found = self._inspect(name)
        return ABSENT if found is None else parse_network(found).state

    def rehearse(self, change: Change) -> None:
        others = () if change.before.is_absent else self._others(change.resource.name)
        if others:
            raise RefusedError(
                f"docker network {change.resource.name}: has to be made anew, but {', '.join(others)} use it",
                "disconnect these containers, or stop them",
            )
        # Looked for before the run as well; one may have been opened since.
        sessions = open_sessions(self._attached(change.resource.name)) if change.after.is_absent else ()
        if sessions:
            raise RefusedError(
                f"docker network {change.resource.name}: is removed, but sessions {', '.join(sessions)} use it",
                "wait for their end, or end them: systemctl stop 'ably-sandbox-session@*'",
            )

    def swap_one(self, change: Change) -> None:
        name, wanted = change.resource.name, facts_of(DockerNetworkFacts, change.after)
        if self._inspect(name) is not None:
            self._remove(name)
        if wanted is not None:
            self._outside.step("create", f"docker network {name}")
            self._api.post("/networks/create", render_network(name, wanted))
            self._outside.step("created", f"docker network {name}")

    def _remove(self, name: str) -> None:
        """Sessions lose it, which ends what they can reach; others' containers keep it."""
        others = self._others(name)
        if others:
            raise Kept(f"docker network {name}: stays, because {', '.join(others)} use it")
        for container in attached_containers(self._inspect(name) or {}):
            self._api.post(f"/networks/{name}/disconnect", {"Container": container, "Force": True})
        self._outside.step("remove", f"docker network {name}")
        bridge = self._own_bridge(name)
        self._api.delete(f"/networks/{name}")
        self._outside.step("removed", f"docker network {name}")
        # Docker leaves a bridge that was there when it made the network: one of its own other data root, for one. With
        # the gateway's address on it, answers to sessions would go there.
        if bridge and os.path.exists(self._outside.path(f"{_INTERFACES}/{bridge}")):
            self._outside.run(("ip", "link", "delete", bridge))

    def _own_bridge(self, name: str) -> str:
        """The bridge of a network that is ours by its label; empty for others', and while something is connected."""
        found = self._inspect(name) or {}
        if not any(label.startswith(_OUR_LABEL) for label in found.get("Labels") or {}):
            return ""
        bridge = str((found.get("Options") or {}).get(_BRIDGE_NAME, ""))
        ports = self._outside.path(f"{_INTERFACES}/{bridge}/brif")
        return bridge if bridge and os.path.isdir(ports) and not os.listdir(ports) else ""

    def _others(self, name: str) -> tuple[str, ...]:
        return others_containers(self._attached(name))

    def _attached(self, name: str) -> list[Mapping[str, Any]]:
        found = self._inspect(name) or {}
        return list_attached(found, self._list_containers() if attached_containers(found) else ())

    def _list_containers(self) -> list[Mapping[str, Any]]:
        return list(self._api.get("/containers/json"))

    def _inspect(self, name: str) -> Mapping[str, Any] | None:
        if not has_docker_run(self._outside):
            return None
        found: Mapping[str, Any] | None = self._api.find(f"/networks/{name}")
        # Docker also answers to the beginning of another network's id.
        return found if found and found["Name"] == name else None
