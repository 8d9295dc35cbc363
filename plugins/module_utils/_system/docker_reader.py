"""Reads what there is of Docker Engine. It is asked only while it runs, and where it listens for us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .._controls.container.whose import open_sessions, others_containers
from .._controls.docker.preflight import DOCKER_PACKAGES
from .._controls.egress.policy import DOCKER_NETWORK
from .._controls.names import DOCKER_SOCKET
from .._controls.preflight.facts import DockerFacts
from .._controls.userns.control import REMAP_KEY
from .._formats.docker_objects import list_attached, network_subnets
from .docker_api import DockerApi, DockerUnreachableError
from .docker_start import ANSWER_TIMEOUT, StartReader, can_be_asked
from .other_docker import has_other_docker
from .outside import Outside


class DockerReader:
    """The host under the outside's root; commands are this machine's own."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def read(self, states: Mapping[str, str], daemon_keys: Mapping[str, Any]) -> DockerFacts:
        """`states`: of packages, by dpkg's words; `daemon_keys`: what Docker shall be told."""
        reader = StartReader(self._outside)
        service = reader.read_service()
        start = reader.read_files(service)
        remapped_to = start.values.get(REMAP_KEY)
        docker = DockerFacts(
            packages=tuple(name for name in DOCKER_PACKAGES if states.get(name) == "installed"),
            remapped_to=None if remapped_to is None else str(remapped_to),
            has_other=has_other_docker(self._outside),
        )
        info = None
        if can_be_asked(service, start):
            api = DockerApi(self._outside.path(DOCKER_SOCKET), ANSWER_TIMEOUT)
            try:
                info = api.get("/info")
                docker = _with_objects(docker, api)
            except DockerUnreachableError as error:
                docker = replace(docker, silence=error.message)
        start = reader.validate(start, daemon_keys, info)
        has_docker = start.version is not None
        return replace(docker, version=start.version, is_running=service.is_active and has_docker, start=start)


def _with_objects(docker: DockerFacts, api: DockerApi) -> DockerFacts:
    listed = api.get("/containers/json")
    old_network = api.find(f"/networks/{DOCKER_NETWORK}") or {}
    return replace(
        docker,
        networks={found["Name"]: network_subnets(found) for found in api.get("/networks")},
        containers=others_containers(listed),
        sessions=open_sessions(listed),
        beside_sessions=others_containers(list_attached(old_network, listed)),
    )
