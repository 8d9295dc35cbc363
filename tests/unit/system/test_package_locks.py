"""Who holds a lock of the package managers, and waiting for it: with real locks of real processes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
import yaml

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.packages import locks_of
from ansible_collections.ably.sandbox.plugins.module_utils._formats.dpkg import LockHolder
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.plugins.module_utils._system.package_locks import (
    LOCKS,
    PATIENCE,
    PackageLocks,
    PackagesBusyError,
    StillBusyError,
)
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO
from ansible_collections.ably.sandbox.tests.unit.system.conftest import Hold


@pytest.mark.parametrize("path", LOCKS)
def test_each_of_the_locks_has_its_holder(locks: Path, hold: Hold, path: str) -> None:
    process = hold(path)
    assert PackageLocks(Outside(str(locks))).find_holder() == LockHolder(path, process.pid, "unattended-upgrade")


def test_a_lock_that_belongs_to_an_open_file_has_its_holder(locks: Path, hold: Hold) -> None:
    process = hold(kind="open file")
    assert PackageLocks(Outside(str(locks))).find_holder() == LockHolder(LOCKS[0], process.pid, "unattended-upgrade")


@pytest.mark.parametrize("kind", ["none", "flock"])
def test_what_apt_does_not_stop_at_is_no_lock(locks: Path, hold: Hold, kind: str) -> None:
    hold(kind=kind)
    assert PackageLocks(Outside(str(locks))).find_holder() is None


def test_a_fresh_host_has_no_locks(tmp_path: Path) -> None:
    PackageLocks(Outside(str(tmp_path)), patience=0).wait()


def test_a_lock_is_waited_for_until_it_is_let_go(locks: Path, hold: Hold) -> None:
    hold(seconds=1.5)
    PackageLocks(Outside(str(locks)), patience=30).wait()


def test_at_the_end_of_the_patience_the_holder_is_named(locks: Path, hold: Hold) -> None:
    process = hold(LOCKS[2])
    said = rf"packages: process {process.pid} \(unattended-upgrade\) holds {LOCKS[2]}, waited 7 s for it; let it finish"
    with pytest.raises(PackagesBusyError, match=said) as caught:
        PackageLocks(Outside(str(locks)), patience=0, said=7, pause_after=60).wait(may_pause=True)
    assert not isinstance(caught.value, StillBusyError)


def test_all_waits_together_have_the_patience(locks: Path, hold: Hold) -> None:
    waiting = PackageLocks(Outside(str(locks)), patience=2)
    hold(seconds=1)
    waiting.wait()
    hold()
    since = time.monotonic()
    with pytest.raises(PackagesBusyError):
        waiting.wait()
    assert time.monotonic() - since < 1.8


def test_a_refused_apt_is_not_tried_for_ever(locks: Path) -> None:
    """Its lock may lie where we do not look."""
    waiting = PackageLocks(Outside(str(locks)), patience=1)
    waiting.wait_after_refusal()
    with pytest.raises(PackagesBusyError, match="packages: another process holds a lock of dpkg's or apt's"):
        waiting.wait_after_refusal()


def test_a_minute_is_waited_before_it_is_said(locks: Path, hold: Hold) -> None:
    """Only where nothing was changed yet, and only for a caller who will call again."""
    process = hold()
    waiting = PackageLocks(Outside(str(locks)), patience=2, pause_after=0)
    with pytest.raises(StillBusyError) as caught:
        waiting.wait(may_pause=True)
    assert caught.value.holder is not None
    assert caught.value.holder.process == process.pid
    with pytest.raises(PackagesBusyError) as ended:
        waiting.wait()
    assert not isinstance(ended.value, StillBusyError)


@pytest.mark.parametrize(
    ("waited", "expected"), [(None, (600, None)), (0, (600, 60)), (540, (60, None)), (700, (-100, None))]
)
def test_what_is_left_of_the_patience(waited: int | None, expected: tuple[float, float | None]) -> None:
    locks = locks_of({"lock_wait": 600, "waited": waited}, Outside())
    assert (locks._left, locks._pause_after) == expected


def test_the_patience_of_the_way_back_is_the_variable_s_default() -> None:
    defaults = yaml.safe_load((REPO / "roles/docker/defaults/main.yml").read_text(encoding="utf-8"))
    assert defaults["sandbox_packages_lock_wait"] == PATIENCE


def test_who_may_not_read_the_locks_is_not_stopped_by_them(locks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_unused: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert PackageLocks(Outside(str(locks))).find_holder() is None
