"""Where images come to lie: how Docker starts next, what it says itself, and containerd's configuration."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.docker.places import (
    CONTAINERD_ROOT,
    data_roots,
    image_stores,
    parse_containerd_root,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.docker.start import (
    Configuration,
    RunningDocker,
    StartFacts,
)

GRAPH = RunningDocker()
CONTAINERD = RunningDocker(storage_driver="overlayfs", has_snapshotter=True)


@pytest.mark.parametrize(
    ("flags", "values", "root"),
    [
        ((), {}, "/var/lib/docker"),
        ((), {"data-root": "/data/docker"}, "/data/docker"),
        ((), {"graph": "/old"}, "/old"),
        ((), {"data-root": 7}, "/var/lib/docker"),
        (("-H", "fd://", "--data-root=/data"), {}, "/data"),
        (("--data-root", "/data", "-H", "fd://"), {"debug": True}, "/data"),
        (("-g/data",), {}, "/data"),
        (("-g", "/data"), {}, "/data"),
        (("--graph=/data", "--data-root-of=/other"), {}, "/data"),
        (("--data-root=", "--group=docker"), {}, "/var/lib/docker"),
    ],
)
def test_the_data_folder_as_configured(flags: tuple[str, ...], values: dict[str, Any], root: str) -> None:
    assert Configuration(values, flags).data_root == root


def test_the_data_folder_of_the_next_start_and_that_of_what_runs() -> None:
    assert data_roots(StartFacts(data_root="/data")) == ("/data",)
    assert data_roots(StartFacts(data_root="/data", running=RunningDocker("/data"))) == ("/data",)
    assert data_roots(StartFacts(data_root="/data", running=RunningDocker())) == ("/data", "/var/lib/docker")


@pytest.mark.parametrize(
    ("version", "running", "values", "stores"),
    [
        (None, None, {}, (True, False)),
        ((26, 1), None, {}, (True, False)),
        ((29, 0), None, {}, (True, True)),
        ((29, 0), None, {"features": {"containerd-snapshotter": False}}, (True, False)),
        ((26, 1), None, {"features": {"containerd-snapshotter": True}}, (False, True)),
        ((26, 1), None, {"features": []}, (True, False)),
        ((29, 0), GRAPH, {}, (True, False)),
        ((26, 1), CONTAINERD, {"features": {"containerd-snapshotter": False}}, (False, True)),
    ],
)
def test_whose_folder_images_lie_in(
    version: tuple[int, int] | None, running: RunningDocker | None, values: dict[str, Any], stores: tuple[bool, bool]
) -> None:
    assert image_stores(StartFacts(version, values=values, running=running)) == stores


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("version = 2\nroot = \"/data/containerd\"\nstate = '/run/containerd'\n", "/data/containerd"),
        ("root = '/data/c'  # ours\r\n", "/data/c"),
        ("version = 3\n\n[plugins]\n  root = '/elsewhere'\n", CONTAINERD_ROOT),
        ('# root = "/x"\nroot_dir = "/y"\n', CONTAINERD_ROOT),
        ("", CONTAINERD_ROOT),
    ],
)
def test_containerds_folder(text: str, root: str) -> None:
    assert parse_containerd_root(text) == root
