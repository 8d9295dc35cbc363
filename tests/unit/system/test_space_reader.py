"""File systems are measured where things come to lie, under a root of the test's own."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.facts import DockerFacts
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.space import (
    ARCHIVES,
    COPY,
    IMAGE,
    KEPT,
    PACKAGES,
    Space,
)
from ansible_collections.ably.sandbox.plugins.module_utils._system import space_reader
from ansible_collections.ably.sandbox.plugins.module_utils._system.commands import Result
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.plugins.module_utils._system.space_reader import SpaceReader

SAID = {"apt-config": "FOLDER='/srv/it'\\''s/apt/'\n", "containerd": "root = '/srv/containerd'\n"}
RUNNING = DockerFacts(version=(26, 1), is_running=True)


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What is said by those that there are; `info` is Docker's."""
    answers: dict[str, Any] = {**SAID, "info": {"DockerRootDir": "/var/lib/docker"}}

    def run(command: Sequence[str], **_: object) -> Result:
        return Result(0, answers[command[0]], "")

    monkeypatch.setattr(space_reader, "run_command", run)
    monkeypatch.setattr(space_reader, "find_program", answers.get)
    monkeypatch.setattr(space_reader, "DockerApi", lambda _: SimpleNamespace(get=lambda _: answers["info"]))
    return answers


def configure(root: Path, values: Mapping[str, Any]) -> None:
    (root / "etc/docker").mkdir(parents=True)
    (root / "etc/docker/daemon.json").write_text(json.dumps(values))


def folders(root: Path, docker: DockerFacts, needs_packages: bool = False) -> dict[str, list[str]]:
    found = SpaceReader(Outside(str(root))).read(docker, needs_packages)
    return {what: [one.folder for one in spaces] for what, spaces in found.items()}


def test_a_bare_host(tmp_path: Path, programs: dict[str, Any]) -> None:
    there = folders(tmp_path, DockerFacts(), needs_packages=True)
    docker = ["/var/lib/docker"]
    assert there == {
        ARCHIVES: ["/srv/it's/apt"],
        PACKAGES: ["/usr"],
        IMAGE: docker,
        KEPT: ["/var/lib/ably-sandbox"],
        COPY: docker,
    }
    del programs["apt-config"]
    assert folders(tmp_path, DockerFacts(), needs_packages=True)[ARCHIVES] == ["/var/cache/apt/archives"]


def test_docker_where_it_works_and_where_it_would_start(tmp_path: Path) -> None:
    configure(tmp_path, {"data-root": "/data/docker"})
    both = folders(tmp_path, RUNNING)
    assert both == {
        IMAGE: ["/data/docker", "/var/lib/docker"],
        KEPT: ["/var/lib/ably-sandbox"],
        COPY: ["/data/docker"],
    }
    assert folders(tmp_path, DockerFacts(version=(26, 1), flags=("--data-root=/flag",)))[IMAGE] == ["/flag"]


def test_containerd_where_it_has_the_images(tmp_path: Path, programs: dict[str, Any]) -> None:
    programs["info"]["DriverStatus"] = [["driver-type", "io.containerd.snapshotter.v1"]]
    assert folders(tmp_path, RUNNING)[IMAGE] == ["/srv/containerd"]
    assert folders(tmp_path, RUNNING)[COPY] == ["/var/lib/docker"]
    assert folders(tmp_path, DockerFacts(version=(29, 1)))[IMAGE] == ["/var/lib/docker", "/srv/containerd"]


def test_a_file_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    configure(tmp_path, {})
    (tmp_path / "etc/docker/daemon.json").write_text('{"data-root": "/x",}')
    assert folders(tmp_path, DockerFacts())[IMAGE] == ["/var/lib/docker"]


def test_the_file_system_is_that_of_the_nearest_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "var/lib").mkdir(parents=True)
    (tmp_path / "var/lib/docker").symlink_to(tmp_path / "data/docker/not-yet")
    asked = []

    def statvfs(path: str) -> SimpleNamespace:
        asked.append(path)
        return SimpleNamespace(f_files=0 if path.endswith("data") else 9, f_favail=5, f_bavail=3, f_frsize=4096)

    monkeypatch.setattr(os, "statvfs", statvfs)
    found = SpaceReader(Outside(str(tmp_path))).read(DockerFacts(), needs_packages=False)
    device = os.stat(tmp_path).st_dev
    assert found[IMAGE] == (Space("/var/lib/docker", device, 3 * 4096),)
    assert found[KEPT] == (Space("/var/lib/ably-sandbox", device, 3 * 4096, 5),)
    assert set(asked) == {str(tmp_path / "data"), str(tmp_path / "var/lib")}
