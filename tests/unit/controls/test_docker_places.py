"""Where Docker puts images: from its command line, daemon.json, what it says itself, and containerd's configuration."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.docker.places import (
    CONTAINERD_ROOT,
    configured_root,
    image_stores,
    parse_containerd_root,
)

CONTAINERD = {"Driver": "overlayfs", "DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]}
GRAPH = {"Driver": "overlay2", "DriverStatus": [["Backing Filesystem", "extfs"], ["Supports d_type", "true"]]}


@pytest.mark.parametrize(
    ("flags", "values", "root"),
    [
        ((), {}, ""),
        ((), {"data-root": "/data/docker"}, "/data/docker"),
        ((), {"graph": "/old"}, "/old"),
        ((), {"data-root": 7}, ""),
        (("-H", "fd://", "--data-root=/data"), {}, "/data"),
        (("--data-root", "/data", "-H", "fd://"), {"data-root": "/file"}, "/data"),
        (("-g/data",), {}, "/data"),
        (("-g", "/data"), {}, "/data"),
        (("--graph=/data", "--data-root-of=/other"), {}, "/data"),
        (("--data-root=$DOCKER_ROOT", "--group=docker"), {}, ""),
    ],
)
def test_the_data_folder_as_configured(flags: tuple[str, ...], values: dict[str, Any], root: str) -> None:
    assert configured_root(flags, values) == root


@pytest.mark.parametrize(
    ("version", "info", "values", "stores"),
    [
        (None, {}, {}, (True, False)),
        ((26, 1), {}, {}, (True, False)),
        ((29, 0), {}, {}, (True, True)),
        ((29, 0), {}, {"features": {"containerd-snapshotter": False}}, (True, False)),
        ((26, 1), {}, {"features": {"containerd-snapshotter": True}}, (False, True)),
        ((26, 1), {}, {"features": []}, (True, False)),
        ((29, 0), GRAPH, {}, (True, False)),
        ((26, 1), CONTAINERD, {"features": {"containerd-snapshotter": False}}, (False, True)),
        ((26, 1), {"DriverStatus": None}, {}, (True, False)),
    ],
)
def test_whose_folder_images_lie_in(
    version: tuple[int, int] | None, info: dict[str, Any], values: dict[str, Any], stores: tuple[bool, bool]
) -> None:
    assert image_stores(version, info, values) == stores


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
