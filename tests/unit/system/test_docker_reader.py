"""What a running Docker tells of others and of us, and what is known of one that does not answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.container.create import (
    LABEL_SESSION,
    container_name_of,
)
from ansible_collections.ably.sandbox.plugins.module_utils._system import docker_reader
from ansible_collections.ably.sandbox.plugins.module_utils._system.commands import ENVIRONMENT
from ansible_collections.ably.sandbox.plugins.module_utils._system.docker_api import DockerUnreachableError
from ansible_collections.ably.sandbox.plugins.module_utils._system.docker_reader import DockerReader
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside

SESSION = "0123456789ab"
ANSWERS: Mapping[str, Any] = {
    "/info": {"DockerRootDir": "/data/docker", "Driver": "overlay2", "CgroupDriver": "systemd", "Containers": 3},
    "/containers/json": [
        {"Id": "1", "Names": [f"/{container_name_of(SESSION)}"], "Labels": {LABEL_SESSION: SESSION}},
        # As Compose names the container of a project that is called ably-sandbox.
        {"Id": "2", "Names": ["/ably-sandbox-web-1"], "Labels": {}},
        {"Id": "3", "Names": ["/web"], "Labels": None},
    ],
    "/networks": [
        {"Name": "both", "IPAM": {"Config": [{"Subnet": "172.18.0.0/16"}, {"Subnet": "fd00::/64"}]}},
        {"Name": "host", "IPAM": {"Config": []}},
    ],
    "/networks/ably-sandbox": {"Containers": {"1": {"Name": container_name_of(SESSION)}, "3": {"Name": "web"}}},
}


class Api:
    """Answers all but what is in `silent`."""

    silent: tuple[str, ...] = ()

    def __init__(self, _path: str, _timeout: float) -> None: ...

    def get(self, path: str) -> Any:
        if path in self.silent:
            raise DockerUnreachableError("docker: no answer")
        return ANSWERS[path]

    find = get


@pytest.fixture(autouse=True)
def running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENVIRONMENT, "PATH", "/nowhere")
    monkeypatch.setattr(docker_reader, "can_be_asked", lambda *_unused: True)
    monkeypatch.setattr(docker_reader, "DockerApi", Api)


def test_sessions_are_ours_and_all_else_is_others(tmp_path: Path) -> None:
    docker = DockerReader(Outside(str(tmp_path))).read({"docker.io": "installed", "docker-ce": "config-files"}, {})
    assert docker.packages == ("docker.io",)
    assert docker.sessions == (SESSION,)
    assert docker.containers == ("ably-sandbox-web-1", "web")
    assert docker.beside_sessions == ("web",)
    assert docker.networks == {"both": ("172.18.0.0/16", "fd00::/64"), "host": ()}
    assert docker.start.running is not None
    assert (docker.start.running.data_root, docker.start.running.is_empty) == ("/data/docker", False)


@pytest.mark.parametrize(("silent", "is_known"), [(("/info",), False), (("/networks",), True)])
def test_one_that_does_not_answer_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, silent: tuple[str, ...], is_known: bool
) -> None:
    monkeypatch.setattr(Api, "silent", silent)
    docker = DockerReader(Outside(str(tmp_path))).read({}, {})
    assert docker.silence == "docker: no answer"
    assert docker.containers == ()
    assert (docker.start.running is not None) == is_known
