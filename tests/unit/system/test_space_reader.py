"""File systems are measured where things come to lie, under a root of the test's own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.docker.start import (
    NO_START,
    RunningDocker,
    StartFacts,
)
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


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What is said by those that there are."""
    answers = dict(SAID)

    def run(command: Sequence[str], **_unused: object) -> Result:
        return Result(0, answers[command[0]], "")

    monkeypatch.setattr(space_reader, "run_command", run)
    monkeypatch.setattr(space_reader, "find_program", answers.get)
    return answers


def folders(root: Path, start: StartFacts, needs_packages: bool = False) -> dict[str, list[str]]:
    found = SpaceReader(Outside(str(root))).read(start, needs_packages)
    return {what: [one.folder for one in spaces] for what, spaces in found.items()}


def test_a_bare_host(tmp_path: Path, programs: dict[str, str]) -> None:
    there = folders(tmp_path, NO_START, needs_packages=True)
    docker = ["/var/lib/docker"]
    assert there == {
        ARCHIVES: ["/srv/it's/apt"],
        PACKAGES: ["/usr"],
        IMAGE: docker,
        KEPT: ["/var/lib/ably-sandbox"],
        COPY: docker,
    }
    del programs["apt-config"]
    assert folders(tmp_path, NO_START, needs_packages=True)[ARCHIVES] == ["/var/cache/apt/archives"]


def test_docker_where_it_works_and_where_it_would_start(tmp_path: Path) -> None:
    both = folders(tmp_path, StartFacts(data_root="/data/docker", running=RunningDocker()))
    assert both == {
        IMAGE: ["/data/docker", "/var/lib/docker"],
        KEPT: ["/var/lib/ably-sandbox"],
        COPY: ["/data/docker"],
    }


def test_containerd_where_it_has_the_images(tmp_path: Path) -> None:
    there = folders(tmp_path, StartFacts(running=RunningDocker(has_snapshotter=True)))
    assert (there[IMAGE], there[COPY]) == (["/srv/containerd"], ["/var/lib/docker"])
    assert folders(tmp_path, StartFacts(version=(29, 1)))[IMAGE] == ["/var/lib/docker", "/srv/containerd"]


def test_the_file_system_is_that_of_the_nearest_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "var/lib").mkdir(parents=True)
    (tmp_path / "var/lib/docker").symlink_to(tmp_path / "data/docker/not-yet")
    asked = []

    def statvfs(path: str) -> SimpleNamespace:
        asked.append(path)
        return SimpleNamespace(f_files=0 if path.endswith("data") else 9, f_favail=5, f_bavail=3, f_frsize=4096)

    monkeypatch.setattr(os, "statvfs", statvfs)
    found = SpaceReader(Outside(str(tmp_path))).read(NO_START, needs_packages=False)
    device = os.stat(tmp_path).st_dev
    assert found[IMAGE] == (Space("/var/lib/docker", device, 3 * 4096),)
    assert found[KEPT] == (Space("/var/lib/ably-sandbox", device, 3 * 4096, 5),)
    assert set(asked) == {str(tmp_path / "data"), str(tmp_path / "var/lib")}
