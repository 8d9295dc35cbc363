"""A Docker that docker.service does not run, and that it is never mistaken for one that systemd would start."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._ansible import docker
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import RefusedError
from ansible_collections.ably.sandbox.plugins.module_utils._system.commands import ENVIRONMENT
from ansible_collections.ably.sandbox.plugins.module_utils._system.docker_reader import DockerReader
from ansible_collections.ably.sandbox.plugins.module_utils._system.other_docker import has_other_docker
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    (tmp_path / "run").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "run/docker.sock"))
        server.listen()
        server.setblocking(False)
        yield server


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outside:
    monkeypatch.setitem(ENVIRONMENT, "PATH", f"{tmp_path}:/usr/bin:/bin")
    return Outside(str(tmp_path))


def put_units(folder: Path, service: str, its_socket: str) -> None:
    """As `systemctl show --value` prints the states of two units."""
    shown = (
        f"case $* in *docker.socket) printf '{service}\\n\\n{its_socket}\\n' ;; *) echo ActiveState={service} ;; esac"
    )
    (folder / "systemctl").write_text(f"#!/bin/sh\n{shown}\n")
    (folder / "systemctl").chmod(0o755)


@pytest.mark.parametrize("service", ["inactive", "failed"])
def test_one_that_listens_beside_stopped_units_is_found(
    tmp_path: Path, host: Outside, listener: socket.socket, service: str
) -> None:
    put_units(tmp_path, service, "inactive")
    assert has_other_docker(host)
    assert DockerReader(host).read({}, {}).has_other
    listener.close()
    assert not has_other_docker(host)


@pytest.mark.parametrize(
    ("service", "its_socket"), [("inactive", "active"), ("active", "inactive"), ("activating", "inactive"), ("", "")]
)
def test_nobody_connects_where_systemd_may_listen(
    tmp_path: Path, host: Outside, listener: socket.socket, service: str, its_socket: str
) -> None:
    put_units(tmp_path, service, its_socket)
    assert not has_other_docker(host)
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_without_a_socket_there_is_none(tmp_path: Path, host: Outside) -> None:
    put_units(tmp_path, "inactive", "inactive")
    assert not has_other_docker(host)


def test_the_control_refuses_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "has_other_docker", lambda _unused: True)
    monkeypatch.setattr(docker, "read_docker_units", lambda _unused: pytest.fail("it goes on"))
    with pytest.raises(RefusedError, match=r"/run/docker\.sock: found a Docker that docker\.service does not run"):
        docker.docker_of({"daemon_config": {}})
