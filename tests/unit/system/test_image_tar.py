"""Image archives as files: the same bytes each time, read back packed or not, errors by name."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.tree import Entry, arrange
from ansible_collections.ably.sandbox.plugins.module_utils._formats.image_archive import (
    ArchiveError,
    ImageConfig,
    blob_path,
    render_members,
    sha256,
)
from ansible_collections.ably.sandbox.plugins.module_utils._system.image_tar import (
    read_image,
    unpacked_size,
    write_archive,
    write_layer,
)

EPOCH = 1_760_000_000
ENTRIES = arrange(
    [
        Entry("usr/bin/node", "file", executable=True, source="debian:./usr/bin/node"),
        Entry("usr/bin/ably", "link", target="../lib/cli.js"),
        Entry("tmp", "folder"),
        Entry("etc/Főtanúsítvány-" + "x" * 120, "file", content=b"long and not ASCII"),
    ]
)


def build(folder: Path, packed: bool) -> Path:
    folder.mkdir()
    layer = write_layer(folder / "layer.tar", ENTRIES, EPOCH, lambda source: io.BytesIO(source.encode()))
    config = ImageConfig("amd64", "2025-10-09T08:53:20Z", ("ably",))
    _unused, members = render_members("a:1", config, layer)
    write_archive(folder / "image.tar", members, (blob_path(layer.digest), folder / "layer.tar"), EPOCH, packed)
    assert layer.digest == sha256((folder / "layer.tar").read_bytes())
    assert layer.size == (folder / "layer.tar").stat().st_size
    return folder / "image.tar"


@pytest.mark.parametrize("packed", [True, False])
def test_the_same_input_gives_the_same_bytes(tmp_path: Path, packed: bool) -> None:
    assert build(tmp_path / "one", packed).read_bytes() == build(tmp_path / "two", packed).read_bytes()


def test_packing_does_not_change_the_image(tmp_path: Path) -> None:
    assert read_image(build(tmp_path / "one", packed=True)) == read_image(build(tmp_path / "two", packed=False))


def test_the_layer_has_what_was_asked_for(tmp_path: Path) -> None:
    build(tmp_path / "one", packed=False)
    with tarfile.open(tmp_path / "one" / "layer.tar") as layer:
        members = {member.name: member for member in layer}
        node = layer.extractfile("usr/bin/node")
        assert node is not None
        assert node.read() == b"debian:./usr/bin/node"
    assert {member.mtime for member in members.values()} == {EPOCH}
    assert {(member.uid, member.gid) for member in members.values()} == {(0, 0)}
    modes = {name: oct(member.mode) for name, member in members.items() if not name.startswith("etc/")}
    assert modes == {
        "etc": "0o755",
        "tmp": "0o1777",
        "usr": "0o755",
        "usr/bin": "0o755",
        "usr/bin/ably": "0o777",
        "usr/bin/node": "0o755",
    }


def test_no_archive_is_left_when_writing_fails(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_archive(tmp_path / "image.tar", {}, ("blobs/x", tmp_path / "missing"), EPOCH, packed=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"text", b"\x1f\x8b\x08 torn"])
def test_files_that_are_no_archives_are_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.tar").write_bytes(content)
    with pytest.raises(ArchiveError):
        read_image(tmp_path / "x.tar")


def test_a_torn_archive_is_named(tmp_path: Path) -> None:
    whole = build(tmp_path / "one", packed=True)
    whole.write_bytes(whole.read_bytes()[:-200])
    with pytest.raises(ArchiveError):
        read_image(whole)


def test_how_large_an_archive_is_without_gzip(tmp_path: Path) -> None:
    plain, packed = tmp_path / "plain", tmp_path / "packed"
    plain.write_bytes(bytes(100_000))
    packed.write_bytes(gzip.compress(bytes(100_000)))
    assert packed.stat().st_size < 1000
    assert (unpacked_size(str(plain)), unpacked_size(str(packed))) == (100_000, 100_000)
