"""Files, folders and links: what is observed can be put back, and what is written is all of it."""

from __future__ import annotations

import os
import stat
import struct
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.wishes import folder, footprint
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import Kept, RefusedError, SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Resource
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change
from ansible_collections.ably.sandbox.plugins.module_utils._system.files import LARGEST
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.file import FileProvider
from ansible_collections.ably.sandbox.tests.states import present

A_FILE: dict[str, Any] = {"type": "file", "content": "new\n", "mode": 0o640, "uid": 5, "gid": 6}
OLD = 1_111_111_111_222_333_444


def change(kind: FileProvider, path: str, after: State, check: tuple[str, ...] = ()) -> Change:
    return Change(Resource("file", path), kind.observe(path), after, check=check)


def swap(kind: FileProvider, path: str, after: State) -> Change:
    done = change(kind, path, after)
    kind.rehearse(done)
    kind.swap([done])
    assert kind.observe(path).holds(after)
    return done


@pytest.mark.parametrize(
    "after",
    [
        State(A_FILE),
        State({**A_FILE, "content": "\udcff\udc80 raw"}),
        State({**A_FILE, "mode": 0o4755}),
        present(type="folder", mode=0o2750, uid=5, gid=6),
        present(type="link", target="../nowhere", uid=5, gid=6),
    ],
)
def test_what_is_made_is_observed_and_goes_again(outside: Outside, root: Path, after: State) -> None:
    kind = FileProvider(outside)
    assert kind.observe("/etc/x") == ABSENT
    done = swap(kind, "/etc/x", after)
    assert os.listdir(root / "etc") == ["x"]
    kind.swap([done.inverse])
    assert os.listdir(root / "etc") == []


def test_a_replaced_file_comes_back_with_all_that_it_was(outside: Outside, root: Path) -> None:
    path = root / "etc/x"
    path.write_bytes(b"old \xff")
    path.chmod(0o604)
    os.chown(path, 7, 8)
    os.setxattr(path, "user.note", b"mine")
    os.setxattr(path, "security.capability", bytes.fromhex("0100000200040000000000000000000000000000"))
    os.utime(path, ns=(OLD, OLD))
    kind = FileProvider(outside)
    before = kind.observe("/etc/x")
    assert set(before.fact("xattrs")) == {"user.note", "security.capability"}
    done = swap(kind, "/etc/x", State(A_FILE))
    assert path.stat().st_mtime_ns != OLD
    assert kind.observe("/etc/x").fact("xattrs") == before.fact("xattrs")
    kind.swap([done.inverse])
    assert kind.observe("/etc/x") == before


def test_an_access_list_comes_back(outside: Outside, root: Path) -> None:
    path = root / "etc/x"
    path.write_text("x")
    # user:: rw, user 7 rw, group:: r, mask r, other:: nothing; each entry is tag, permissions, id.
    entries = ((1, 6, -1), (2, 6, 7), (4, 4, -1), (16, 4, -1), (32, 0, -1))
    value = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)
    try:
        os.setxattr(path, "system.posix_acl_access", value)
    except OSError as error:
        pytest.skip(f"no access lists here: {error}")
    kind = FileProvider(outside)
    before = kind.observe("/etc/x")
    done = swap(kind, "/etc/x", State(A_FILE))
    kind.swap([done.inverse])
    assert kind.observe("/etc/x") == before


def test_only_the_mode_changes_and_the_time_stays(outside: Outside, root: Path) -> None:
    (root / "etc/x").write_text("same")
    os.utime(root / "etc/x", ns=(OLD, OLD))
    kind = FileProvider(outside)
    swap(kind, "/etc/x", present(type="file", content="same", mode=0o600))
    assert kind.observe("/etc/x").fact("mtime_ns") == OLD


def test_a_folders_mode_and_owner_change_in_place(outside: Outside, root: Path) -> None:
    (root / "etc/f").mkdir(0o755)
    (root / "etc/f/theirs").write_text("x")
    kind = FileProvider(outside)
    done = swap(kind, "/etc/f", present(type="folder", mode=0o700, uid=9, gid=9))
    os.setxattr(root / "etc/f", "user.note", b"later")
    kind.swap([done.inverse])
    assert os.listxattr(root / "etc/f") == []
    assert stat.S_IMODE((root / "etc/f").stat().st_mode) == 0o755
    assert (root / "etc/f").stat().st_uid == 0


def test_a_folder_with_others_files_is_kept(outside: Outside, root: Path) -> None:
    kind = FileProvider(outside)
    done = swap(kind, "/etc/f", present(type="folder", mode=0o755))
    (root / "etc/f/theirs").write_text("x")
    with pytest.raises(Kept, match="/etc/f: others' files are in it"):
        kind.swap([done.inverse])


def test_a_file_in_a_folder_that_the_same_run_makes(outside: Outside) -> None:
    kind = FileProvider(outside)
    folder = change(kind, "/etc/f", present(type="folder"))
    file = change(kind, "/etc/f/x", State(A_FILE))
    with pytest.raises(RefusedError, match="the folder /etc/f is missing"):
        kind.rehearse(file)
    kind.rehearse(folder)
    kind.rehearse(file)


def test_a_file_of_too_many_bytes(outside: Outside, root: Path) -> None:
    with (root / "etc/x").open("wb") as file:
        file.truncate(LARGEST + 1)
    kind = FileProvider(outside)
    with pytest.raises(SandboxError, match=f"/etc/x: has {LARGEST + 1} bytes"):
        kind.observe("/etc/x")
    with pytest.raises(RefusedError, match="are more than"):
        kind.rehearse(Change(Resource("file", "/etc/y"), ABSENT, State({**A_FILE, "content": "x" * (LARGEST + 1)})))


def test_the_checker_sees_the_content_under_the_files_name(outside: Outside, root: Path) -> None:
    kind = FileProvider(outside)
    good = ("sh", "-c", 'case "$1" in */x.nft) grep -q new "$1" ;; *) exit 9 ;; esac', "sh", "{}")
    kind.rehearse(change(kind, "/etc/x.nft", State(A_FILE), good))
    bad = ("sh", "-c", "echo line 3 is wrong >&2; exit 1")
    with pytest.raises(RefusedError, match=r"/etc/x.nft: its new content is refused: .*line 3 is wrong"):
        kind.rehearse(change(kind, "/etc/x.nft", State(A_FILE), bad))
    assert os.listdir(root / "run") == []
    assert os.listdir(root / "etc") == []


def test_what_a_killed_run_prepared_is_cleared_away(outside: Outside, root: Path) -> None:
    (root / "etc/.x.ably-sandbox-new").write_text("half")
    (root / "etc/.f.ably-sandbox-new").mkdir()
    (root / "run/ably-sandbox.check").mkdir()
    (root / "run/ably-sandbox.check/x").write_text("half")
    FileProvider(outside).recover(["/etc/x", "/etc/f"])
    assert os.listdir(root / "etc") == os.listdir(root / "run") == []


def test_observing_changes_nothing(outside: Any, root: Path) -> None:
    (root / "etc/x").write_text("x")
    kind = FileProvider(outside)
    kind.observe("/etc/x")
    kind.observe("/etc")
    kind.observe("/etc/x/below/a/file")
    assert outside.steps == []


def test_a_file_is_on_the_disk_before_it_is_in_place(outside: Any) -> None:
    """The order that survives a loss of power: owner and mode, then the content to the disk, then the name."""
    swap(FileProvider(outside), "/etc/x", State(A_FILE))
    doings = [step.split(" /")[0] for step in outside.steps]
    assert doings == ["open", "write", "set the owner of", "set the mode of", "sync", "rename to", "sync"]


@pytest.mark.parametrize("mode", [0o700, 0o2750, 0o1777])
def test_a_folder_of_several_keeps_mode_and_owner_and_is_made_where_there_is_none(
    outside: Outside, root: Path, mode: int
) -> None:
    kind, wish = FileProvider(outside), folder("/etc/docker")
    assert kind.complete([wish]) == (wish,)
    (root / "etc/docker").mkdir()
    os.chown(root / "etc/docker", 5, 6)
    (root / "etc/docker").chmod(mode)
    (completed,) = kind.complete([wish])
    assert completed.state == present(type="folder", mode=mode, uid=5, gid=6)
    (root / "etc/other").write_text("")
    assert kind.complete([folder("/etc/other")]) == (folder("/etc/other"),)
    (root / "etc/ably-sandbox").mkdir(mode)
    ours = (folder("/etc/ably-sandbox"), footprint("file", "/etc/docker"))
    assert kind.complete(ours) == ours
