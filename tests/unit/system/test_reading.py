"""What is not there reads as nothing; what cannot be read is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside, OutsideError
from ansible_collections.ably.sandbox.plugins.module_utils._system.reading import Reader


def test_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"one\xff\n")
    (tmp_path / "a").symlink_to("/b")
    reader = Reader(Outside(str(tmp_path)))
    assert (reader.text("/b"), reader.names("/"), reader.link("/a")) == ("one\\xff\n", ["a", "b"], "/b")


def test_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    reader = Reader(Outside(str(tmp_path)))
    assert [reader.text(path) for path in ("/none", "/", "/file/below")] == ["", "", ""]
    assert [reader.names(path) for path in ("/none", "/file")] == [[], []]
    assert [reader.link(path) for path in ("/none", "/file")] == ["", ""]


def test_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    reader = Reader(Outside(str(tmp_path)))
    for read in (reader.text, reader.names):
        with pytest.raises(OutsideError, match="/loop: cannot read: Too many levels of symbolic links"):
            read("/loop")
