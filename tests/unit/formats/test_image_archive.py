"""Image archives: what is rendered is read back, and what cannot be read is named."""

from __future__ import annotations

import json

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._formats.image_archive import (
    ArchiveError,
    ImageConfig,
    Layer,
    blob_path,
    full_name,
    parse_members,
    render_members,
    sha256,
)

LAYER = Layer("sha256:" + "ab" * 32, 4096)
CONFIG = ImageConfig("amd64", "2025-10-09T08:53:20Z", ("ably", "interactive"), {"B": "2", "A": "1"}, {"x": "y"})


def test_rendering_and_parsing_give_the_same_image() -> None:
    image, members = render_members("ably-sandbox/cli:1", CONFIG, LAYER)
    assert parse_members(members) == image


def test_rendering_depends_on_the_arguments_only() -> None:
    other = ImageConfig("amd64", "2025-10-09T08:53:20Z", ("ably", "interactive"), {"A": "1", "B": "2"}, {"x": "y"})
    assert render_members("a:1", CONFIG, LAYER) == render_members("a:1", other, LAYER)


def test_the_configuration_says_what_was_asked_for() -> None:
    image, members = render_members("a:1", CONFIG, LAYER)
    config = json.loads(members[blob_path(image.image_id)])
    assert config["config"] == {
        "Cmd": ["ably", "interactive"],
        "Env": ["A=1", "B=2"],
        "Labels": {"x": "y"},
        "WorkingDir": "/",
    }
    assert config["rootfs"] == {"type": "layers", "diff_ids": [LAYER.digest]}
    assert config["created"] == "2025-10-09T08:53:20Z"


def test_every_digest_in_the_archive_is_that_of_its_blob() -> None:
    _unused, members = render_members("a:1", CONFIG, LAYER)
    for path, content in members.items():
        if path.startswith("blobs/"):
            assert path == blob_path(sha256(content))


def test_the_oci_half_alone_is_enough() -> None:
    image, members = render_members("ably-sandbox/cli:1", CONFIG, LAYER)
    del members["manifest.json"]
    found = parse_members(members)
    assert (found.image_id, found.manifest) == (image.image_id, image.manifest)
    assert found.tags == ("docker.io/ably-sandbox/cli:1",)


def test_an_archive_of_an_old_docker_has_no_oci_manifest() -> None:
    config = json.dumps({"rootfs": {"type": "layers", "diff_ids": []}, "config": None}).encode()
    manifest = json.dumps([{"Config": "abc.json", "RepoTags": None, "Layers": ["abc/layer.tar"]}]).encode()
    image = parse_members({"manifest.json": manifest, "abc.json": config, "repositories": b"{}"})
    assert (image.image_id, image.manifest, image.tags) == (sha256(config), None, ())


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "neither manifest.json nor index.json"),
        ({"manifest.json": b"{"}, "not JSON"),
        ({"manifest.json": b"[]"}, "expected one image, found 0"),
        ({"manifest.json": b"[{}, {}]"}, "expected one image, found 2"),
        ({"manifest.json": b'[{"Config": "gone.json"}]'}, "gone.json is named and not there"),
        ({"manifest.json": b'[{"Config": "c.json"}]', "c.json": b"[]"}, "no image configuration"),
        ({"index.json": b'{"manifests": [{"digest": "md5:1"}]}'}, "expected a sha256 digest, found 'md5:1'"),
        ({"index.json": b"{}"}, "expected one image, found NoneType"),
    ],
)
def test_what_is_no_image_archive_is_named(members: dict[str, bytes], message: str) -> None:
    with pytest.raises(ArchiveError, match=message):
        parse_members(members)


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("cli:1", "docker.io/library/cli:1"),
        ("ably-sandbox/cli:1", "docker.io/ably-sandbox/cli:1"),
        ("registry.test/cli:1", "registry.test/cli:1"),
        ("localhost/cli:1", "localhost/cli:1"),
    ],
)
def test_full_names(name: str, full: str) -> None:
    assert full_name(name) == full
