"""What the controller has for session images, read from a folder of the test's own."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.controller import ImageNeed
from ansible_collections.ably.sandbox.plugins.module_utils._system.controller import read_controller


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Npm alone."""
    folder = tmp_path / "tools"
    folder.mkdir()
    (folder / "npm").symlink_to("/bin/true")
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_a_missing_program_is_found_where_one_is_needed(tools: Path, tmp_path: Path) -> None:
    built = ImageNeed("a", str(tmp_path / "cache" / "image.tar.gz"), "sha256:1")
    facts = read_controller([built])
    assert facts.missing_programs == ("mmdebstrap",)
    assert facts.built == {built.path: ""}
    assert facts.unwritable == {}
    assert not (tmp_path / "cache").exists()
    (tools / "mmdebstrap").symlink_to("/bin/true")
    assert read_controller([built]).missing_programs == ()
    assert read_controller([ImageNeed("a", built.path)]).missing_programs == ()


def test_archives_that_cannot_be_read(tmp_path: Path) -> None:
    good, empty, text, pipe = (tmp_path / name for name in ("good", "empty", "text", "pipe"))
    with tarfile.open(good, "w:gz") as archive:
        archive.add(__file__, "file")
    empty.touch()
    text.write_text("no archive " * 100)
    os.mkfifo(pipe)
    paths = [good, empty, text, pipe, tmp_path, tmp_path / "missing"]
    assert read_controller([ImageNeed("a", str(path)) for path in paths]).unreadable == {
        str(empty): "a file that is no tar archive",
        str(text): "a file that is no tar archive",
        str(pipe): "no regular file",
        str(tmp_path): "no regular file",
        str(tmp_path / "missing"): "nothing",
    }


def test_places_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.touch()
    needs = [ImageNeed("a", str(path), "x") for path in (file, tmp_path, file / "image")]
    assert read_controller(needs).unwritable == {
        str(tmp_path): "a folder of this name",
        str(file / "image"): f"{file}, which is no folder",
    }
    monkeypatch.setattr(os, "access", lambda *_unused: False)  # root may write everywhere
    assert read_controller(needs[:1]).unwritable == {str(file): f"{tmp_path}, which cannot be written to"}
