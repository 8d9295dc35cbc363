"""The ledger's file: durable, torn ends dropped, gone without a trace when empty."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import LedgerError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.records import Applied, Applying, Remembered
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Owner, Resource
from ansible_collections.ably.sandbox.plugins.module_utils._system.store import LedgerStore
from ansible_collections.ably.sandbox.tests.states import present

OWNER = Owner(1, "egress")
RECORDS = (
    Applying(OWNER),
    Remembered(OWNER, Resource("file", "/etc/x"), present(content="\udcff\n", mode=0o644)),
    Applied(OWNER),
)
LEDGER = "var/lib/ably-sandbox/ledger"


def test_records_come_back(outside: Any, root: Path) -> None:
    store = LedgerStore(outside)
    assert store.read() == ()
    store.append(RECORDS[:1])
    store.append(RECORDS[1:])
    assert LedgerStore(outside).read() == RECORDS
    assert (root / LEDGER).stat().st_mode & 0o777 == 0o600
    assert (root / LEDGER).parent.stat().st_mode & 0o777 == 0o700


def test_who_has_not_read_it_appends_as_well(outside: Any) -> None:
    LedgerStore(outside).append(RECORDS[:1])
    LedgerStore(outside).append(RECORDS[1:])
    assert LedgerStore(outside).read() == RECORDS


def test_what_could_not_be_read_is_not_written_over(outside: Any, root: Path) -> None:
    (root / LEDGER).parent.mkdir(mode=0o700)
    (root / LEDGER).write_bytes(b"not a ledger\nat all\n")
    store = LedgerStore(outside)
    for attempt in (store.read, lambda: store.append(RECORDS)):
        with pytest.raises(LedgerError):
            attempt()
    assert (root / LEDGER).read_bytes() == b"not a ledger\nat all\n"


def test_a_torn_end_is_cut_off_by_the_next_write(outside: Any, root: Path) -> None:
    store = LedgerStore(outside)
    store.append(RECORDS[:1])
    with (root / LEDGER).open("ab") as ledger:
        ledger.write(b'["0badc0de",{"ty' + b"x" * 1000)
    assert store.read() == RECORDS[:1]
    store.append(RECORDS[1:])
    assert LedgerStore(outside).read() == RECORDS


def test_a_write_that_failed_leaves_nothing_behind_the_next_one(
    outside: Any, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LedgerStore(outside)
    store.append(RECORDS[:1])
    with monkeypatch.context() as patch:
        patch.setattr(outside, "sync", fail_to_sync)
        with pytest.raises(OSError, match="disk is gone"):
            store.append([*RECORDS[1:], *RECORDS])
    store.append(RECORDS[2:])
    assert LedgerStore(outside).read() == (RECORDS[0], RECORDS[2])


def fail_to_sync(descriptor: int, path: str) -> None:
    raise OSError(f"{path}: the disk is gone")


def test_without_records_nothing_is_left(outside: Any, root: Path) -> None:
    store = LedgerStore(outside)
    store.append(RECORDS)
    (root / "var/lib/ably-sandbox/.ledger.ably-sandbox-new").write_text("of a killed run")
    store.replace(())
    assert os.listdir(root / "var/lib") == []
    outside.steps.clear()
    store.replace(())
    assert outside.steps == []


def test_a_folder_with_somebodys_things_stays(outside: Any, root: Path) -> None:
    store = LedgerStore(outside)
    store.append(RECORDS)
    (root / "var/lib/ably-sandbox/theirs").write_text("x")
    store.replace(())
    assert os.listdir(root / "var/lib/ably-sandbox") == ["theirs"]


@pytest.mark.parametrize("content", [b"", b"\n", b'["00000000",{}]\n', b"not a ledger", b"\xff\xfe\n"])
def test_what_is_not_a_ledger_is_refused(outside: Any, root: Path, content: bytes) -> None:
    (root / LEDGER).parent.mkdir()
    (root / LEDGER).write_bytes(content)
    with pytest.raises(LedgerError, match=r"ledger: .*(damaged|not a header)"):
        LedgerStore(outside).read()


def test_reading_and_the_lock_touch_no_disk(outside: Any) -> None:
    store = LedgerStore(outside)
    store.append(RECORDS)
    outside.steps.clear()
    with store.lock("look"):
        store.read()
    assert {step.split(" ")[-1] for step in outside.steps} == {"/run/ably-sandbox.lock"}


def test_the_lock_names_its_holder(outside: Any) -> None:
    """Two descriptors are two holders, also in one process."""
    with (
        LedgerStore(outside).lock("apply egress"),
        pytest.raises(LedgerError, match=f"another run holds this host: apply egress, pid {os.getpid()}, since 2"),
        LedgerStore(outside, patience=0.2).lock("roll back"),
    ):
        pass
    with LedgerStore(outside, patience=0.2).lock("roll back"):
        pass
