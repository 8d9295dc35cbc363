"""A full disk, a read-only folder, a held lock, a planted link, a garbled file: an error, and nothing half done."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import RollbackWish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import LedgerError, RefusedError, SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control, Owner
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.plugins.module_utils._system.store import LedgerStore
from ansible_collections.ably.sandbox.tests.integration.engine.scratch import (
    QuietOutside,
    Scratch,
    base_control,
    file,
    folder,
)

Mount = Callable[..., None]
FILLER = "filler"


def refuse(host: Scratch, words: str, control: Control | None = None, outside: Outside | None = None) -> str:
    """Apply, expect an error with these words, and a host that is as it was, to the byte and the nanosecond."""
    before = host.fingerprint()
    with pytest.raises(SandboxError, match=words) as caught:
        host.engine(outside).apply(control or base_control("first"))
    after = host.fingerprint()
    assert {k: v for k, v in after.items() if FILLER not in k} == {k: v for k, v in before.items() if FILLER not in k}
    assert host.restarts() == 0
    return str(caught.value)


def test_a_file_that_does_not_fit_is_refused_beforehand(host: Scratch, mount: Mount) -> None:
    (host.root / "etc/small").mkdir()
    mount("-t", "tmpfs", "-o", "size=128k,mode=755", "tmpfs", str(host.root / "etc/small"))
    big = Control(Owner(1, "big"), (file("/etc/x", "x"), file("/etc/small/big", "x" * 200_000)))
    refuse(host, r"/etc/small/big: \d+ bytes are free in /etc/small, \d+ needed; make room", big)


def test_a_disk_that_fills_up_meanwhile_undoes_the_run(host: Scratch, mount: Mount) -> None:
    (host.root / "etc/small").mkdir()
    mount("-t", "tmpfs", "-o", "size=512k,mode=755", "tmpfs", str(host.root / "etc/small"))
    (host.root / "etc/small/a").write_text("former")

    class Filling(Outside):
        def step(self, doing: str, thing: str) -> None:
            if (doing, thing) == ("write", "/etc/small/.b.ably-sandbox-new"):
                fill(host.root / "etc/small", left=4096)

    wishes = (file("/etc/x", "x"), file("/etc/small/a", "new"), file("/etc/small/b", "b" * 9000))
    said = refuse(host, "No space left on device", Control(Owner(1, "c"), wishes), Filling(str(host.root)))
    assert "/etc/small/.b.ably-sandbox-new: cannot write" in said
    assert "restored as they were: file /etc/small/a, file /etc/x" in said


def fill(place: Path, left: int) -> None:
    room = os.statvfs(place)
    (place / FILLER).write_bytes(b"\0" * (room.f_bavail * room.f_frsize - left))


def test_a_full_disk_under_the_ledger_changes_nothing(host: Scratch, mount: Mount) -> None:
    mount("-t", "tmpfs", "-o", "size=64k,mode=755", "tmpfs", str(host.root / "var/lib"))
    fill(host.root / "var/lib", left=0)
    refuse(host, "ledger.*No space left on device; make room")


@pytest.mark.parametrize("place", ["etc/shared.d", "etc"])
def test_a_read_only_folder_is_refused_beforehand(host: Scratch, mount: Mount, place: str) -> None:
    target = str(host.root / place)
    mount("--bind", target, target)
    os.system(f"mount -o remount,bind,ro {target}")
    wishes = (file("/usr/local/bin/x", "x"), file(f"/{place}/new", "x"))
    refuse(host, f"cannot write to /{place}: its file system is mounted read-only", Control(Owner(1, "c"), wishes))


def test_a_file_that_is_a_mount_point_is_said_to_be_one(host: Scratch, mount: Mount) -> None:
    mount("--bind", str(host.root / "etc/foreign"), str(host.root / "etc/svc.conf"))
    said = refuse(host, "/etc/svc.conf: cannot rename to: Device or resource busy")
    assert "mount point of its own" in said


def test_the_second_run_says_who_holds_the_lock(host: Scratch) -> None:
    ready, told = os.pipe()
    holder = os.fork()
    if holder == 0:
        with LedgerStore(Outside(str(host.root))).lock("apply egress (phase 1)"):
            os.write(told, b"x")
            os.read(os.pipe()[0], 1)
    os.read(ready, 1)
    try:
        said = refuse(host, rf"another run holds this host: apply egress \(phase 1\), pid {holder}, since \d{{4}}-")
        assert "wait for its end" in said
    finally:
        os.kill(holder, 9)
        os.waitpid(holder, 0)
        os.close(ready)
        os.close(told)
    assert host.engine().apply(base_control("first")).changed


def plant_link(host: Scratch, place: str) -> None:
    path = host.root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to(host.root / "etc/foreign")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("etc/svc/a.conf", "/etc/svc/a.conf: is a link, expected a file or nothing"),
        ("etc/svc", "/etc/svc: is a link, expected a folder or nothing"),
        ("etc/docker/daemon.json", "daemon.json: cannot read: Too many levels of symbolic links"),
        ("etc/group", "/etc/group: cannot read: Too many levels"),
        ("var/lib/ably-sandbox/ledger", "ledger: cannot read: Too many levels"),
        ("run/ably-sandbox.lock", "ably-sandbox.lock: cannot open: Too many levels"),
    ],
)
def test_a_link_in_the_place_of_a_file_of_ours(host: Scratch, place: str, words: str) -> None:
    plant_link(host, place)
    refuse(host, words)
    assert (host.root / "etc/foreign").read_bytes() == b"not ours\n"


def test_a_link_of_another_user_on_the_way(host: Scratch) -> None:
    (host.root / "etc/way").symlink_to(host.root / "usr/local")
    os.lchown(host.root / "etc/way", 1000, 1000)
    control = Control(Owner(1, "c"), (file("/etc/x", "x"), file("/etc/way/bin/y", "y")))
    refuse(host, "/etc/way/bin/y: /etc/way is a symbolic link of uid 1000; remove the link", control)


def test_a_link_where_the_next_version_is_prepared_is_never_written_through(host: Scratch) -> None:
    (host.root / "etc/.svc.conf.ably-sandbox-new").symlink_to("foreign")
    host.engine().apply(base_control("first"))
    assert (host.root / "etc/foreign").read_bytes() == b"not ours\n"
    assert not (host.root / "etc/.svc.conf.ably-sandbox-new").exists()


@pytest.mark.parametrize("kind", [os.mkfifo, os.mkdir])
def test_something_else_in_the_place_of_a_file(host: Scratch, kind: Callable[[str], None]) -> None:
    (host.root / "etc/svc.conf").unlink()
    kind(str(host.root / "etc/svc.conf"))
    refuse(host, "/etc/svc.conf: is a (other|folder), expected a file or nothing")


def test_a_missing_folder_is_refused_before_anything_is_written(host: Scratch) -> None:
    control = Control(Owner(1, "c"), (file("/etc/x", "x"), file("/etc/no/such/y", "y")))
    refuse(host, "/etc/no/such/y: the folder /etc/no is missing", control)
    wishes = (folder("/etc/no", 0o755), folder("/etc/no/such", 0o755), *control.wishes)
    assert host.engine().apply(Control(Owner(1, "c"), wishes)).changed


def test_content_that_its_checker_refuses(host: Scratch) -> None:
    wishes = (file("/etc/x", "x"), file("/etc/y.conf", "bad\n", check=("grep", "-q", "good", "{}")))
    said = refuse(host, "/etc/y.conf: its new content is refused", Control(Owner(1, "c"), wishes))
    assert "/run/ably-sandbox.check/y.conf" in said
    assert not (host.root / "run/ably-sandbox.check").exists()


def test_a_shared_file_that_is_not_json(host: Scratch) -> None:
    (host.root / "etc/docker/daemon.json").write_text('{\n  "a": 1, // why\n}')
    refuse(host, "daemon.json: line 2 column 11: expected a key in double quotes; mend the file")


def test_others_entries_are_kept_and_named(host: Scratch) -> None:
    host.engine().apply(base_control("first"))
    with (host.root / "etc/group").open("a") as group:
        group.write("bob:x:1001:\n")
    (host.root / "etc/svc/theirs").write_text("x")
    (outcome,) = host.engine().roll_back(RollbackWish())
    assert re.search("/etc/group: others' entries are in it", "\n".join(outcome.kept))
    assert re.search("/etc/svc: others' files are in it", "\n".join(outcome.kept))
    assert (host.root / "etc/group").read_text() == "root:x:0:\nalice:x:1000:\nbob:x:1001:\n"
    assert host.engine().roll_back(RollbackWish()) == ()


class Ledgers:
    """The ledger of a real run, to be damaged."""

    def __init__(self, host: Scratch) -> None:
        host.engine().apply(base_control("first"))
        self.store = LedgerStore(QuietOutside(str(host.root)))
        self.path = host.root / "var/lib/ably-sandbox/ledger"
        self.whole = self.path.read_bytes()
        self.records = self.store.read()

    def read_damaged(self, content: bytes) -> int | None:
        """How many records were read; None when the ledger was refused. Whatever is read is what was written."""
        self.path.write_bytes(content)
        try:
            records = self.store.read()
        except LedgerError:
            return None
        assert records == self.records[: len(records)]
        return len(records)


def test_a_ledger_cut_off_at_any_length(host: Scratch) -> None:
    """Up to the header it is refused; after that all whole lines count, and the next record follows them."""
    ledgers = Ledgers(host)
    first = ledgers.whole.index(b"\n") + 1
    for length in range(len(ledgers.whole)):
        read = ledgers.read_damaged(ledgers.whole[:length])
        assert (read is None) == (length < first), length
        if read is not None:
            assert read == ledgers.whole[:length].count(b"\n") - 1
            ledgers.store.append(ledgers.records[read : read + 1])
            assert ledgers.store.read() == ledgers.records[: read + 1]


def test_a_ledger_with_any_byte_changed(host: Scratch) -> None:
    """Refused, unless it is in the last line, which may be a torn one."""
    ledgers = Ledgers(host)
    last = ledgers.whole.rindex(b"\n", 0, -1)
    for place in range(len(ledgers.whole)):
        damaged = bytearray(ledgers.whole)
        damaged[place] ^= 0x11
        read = ledgers.read_damaged(bytes(damaged))
        assert (
            (read is None) if place < last else (read in (None, len(ledgers.records) - 1, len(ledgers.records) - 2))
        ), place


def test_a_damaged_ledger_stops_every_run_before_it_changes_anything(host: Scratch) -> None:
    ledgers = Ledgers(host)
    (host.systemd / "log").write_bytes(b"")
    ledgers.path.write_bytes(ledgers.whole.replace(b'"etc', b'"etx').replace(b"svc.conf", b"svc.c0nf", 1))
    refuse(host, "ledger: line .* is damaged; restore it from a backup", base_control("second"))
    with pytest.raises(LedgerError, match="is damaged"):
        host.engine().roll_back(RollbackWish())


def test_refusals_are_refusals(host: Scratch) -> None:
    """What is found before the first write has its own class, so that callers can tell."""
    plant_link(host, "etc/svc/a.conf")
    with pytest.raises(RefusedError):
        host.engine().apply(base_control("first"))
