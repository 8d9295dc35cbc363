"""apt as it is called: with programs of its name that say what a case lets them, on a scratch root."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import RefusedError, SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Resource, Wish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT
from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change
from ansible_collections.ably.sandbox.plugins.module_utils._formats.resource_facts import PackageFacts
from ansible_collections.ably.sandbox.plugins.module_utils._system import package_locks
from ansible_collections.ably.sandbox.plugins.module_utils._system.apt import Apt
from ansible_collections.ably.sandbox.plugins.module_utils._system.commands import ENVIRONMENT
from ansible_collections.ably.sandbox.plugins.module_utils._system.package_locks import (
    LOCKS,
    PackageLocks,
    PackagesBusyError,
)
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.package import PackageProvider
from ansible_collections.ably.sandbox.tests.unit.system.conftest import CountingOutside, Hold

QUERY = '#!/bin/sh\ncat "$0.states"\n'
# Refused as often as apt-get.refused has bytes.
APT_GET = """#!/bin/sh
case "$*" in *--simulate*) exit 0 ;; esac
env > "$0.env"
echo "$*" >> "$0.log"
[ -s "$0.refused" ] || exit 0
printf %s "$(tail -c +2 "$0.refused")" > "$0.refused.tmp"
mv "$0.refused.tmp" "$0.refused"
echo "E: Could not get lock /var/cache/apt/archives/lock. It is held by process 7 (apt-get)" >&2
exit 100
"""
WISH = Wish(Resource("package", "haproxy"), PackageFacts(installed=True).state)


@pytest.fixture
def programs(tmp_path: Path, locks: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in (("apt-get", APT_GET), ("dpkg-query", QUERY)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    (folder / "dpkg-query.states").write_text("base\tinstalled\t1\n")
    (locks / "run/systemd").mkdir(parents=True)
    monkeypatch.setitem(ENVIRONMENT, "PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(package_locks, "_RETRY", 0.1)
    return folder


def make_apt(locks: Path, patience: float = 30) -> Apt:
    outside = CountingOutside(str(locks))
    return Apt(outside, PackageLocks(outside, patience))


def make_provider(locks: Path, patience: float = 30) -> PackageProvider:
    outside = CountingOutside(str(locks))
    return PackageProvider(outside, PackageLocks(outside, patience))


def test_the_way_to_the_sources_is_handed_on_and_nothing_else(
    programs: Path, locks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxies = {"http_proxy": "http://proxy:1", "HTTPS_PROXY": "http://proxy:2", "no_proxy": "deb.test"}
    for name, value in {**proxies, "APT_CONFIG": "/x", "DEBIAN_FRONTEND": "dialog", "DPKG_FORCE": "all"}.items():
        monkeypatch.setenv(name, value)
    make_apt(locks).install(["haproxy"])
    said = dict(line.split("=", 1) for line in (programs / "apt-get.env").read_text().splitlines())
    assert proxies.items() <= said.items()
    assert said["DEBIAN_FRONTEND"] == "noninteractive"
    assert not {"APT_CONFIG", "DPKG_FORCE"} & set(said)


def test_a_lock_that_was_taken_meanwhile_is_waited_for(programs: Path, locks: Path) -> None:
    (programs / "apt-get.refused").write_text("12")
    make_apt(locks).install(["haproxy"])
    assert len((programs / "apt-get.log").read_text().splitlines()) == 3


def test_while_another_installs_our_preset_is_not_there(
    programs: Path, locks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its new services are enabled as ever."""
    (programs / "apt-get.refused").write_text("1")
    seen: list[list[str]] = []
    there = locks / "run/systemd"
    monkeypatch.setattr(PackageLocks, "wait_after_refusal", lambda _self: seen.append(os.listdir(there)))
    make_apt(locks).install(["haproxy"])
    assert seen == [[]]
    assert not (locks / "run/systemd/system-preset").exists()


def test_a_lock_that_is_never_let_go_ends_in_an_error(programs: Path, locks: Path) -> None:
    (programs / "apt-get.refused").write_text("1" * 1000)
    with pytest.raises(PackagesBusyError, match="another process holds a lock of dpkg's or apt's"):
        make_apt(locks, patience=0.3).install(["haproxy"])
    assert len((programs / "apt-get.log").read_text().splitlines()) < 6


def test_what_is_there_waits_for_nobody(programs: Path, locks: Path, hold: Hold) -> None:
    (programs / "dpkg-query.states").write_text("haproxy\tinstalled\t3\nother\thalf-configured\t1\n")
    hold()
    assert make_provider(locks, patience=0).complete([WISH]) == (WISH,)


def test_what_is_missing_waits_before_anything_is_changed(programs: Path, locks: Path, hold: Hold) -> None:
    hold()
    with pytest.raises(PackagesBusyError, match=LOCKS[0]):
        make_provider(locks, patience=0).complete([WISH])
    assert not (programs / "apt-get.log").exists()


def test_what_another_is_just_installing_is_not_missing(programs: Path, locks: Path, hold: Hold) -> None:
    states = programs / "dpkg-query.states"
    states.write_text("haproxy\thalf-configured\t3\n")
    (programs / "dpkg-query").write_text(f"{QUERY}echo 'haproxy\tinstalled\t3' > '{states}'\n")
    hold(seconds=1)
    provider = make_provider(locks)
    provider.complete([WISH])
    assert provider.observe("haproxy") == WISH.state


def test_what_is_half_done_is_refused_before_anything_is_changed(programs: Path, locks: Path) -> None:
    (programs / "dpkg-query.states").write_text("some-tool\thalf-configured\t1\n")
    assert WISH.state is not None
    said = "package haproxy: dpkg: found half done: some-tool, expected nothing half done; run dpkg --configure -a"
    with pytest.raises(RefusedError, match=said):
        make_provider(locks).rehearse(Change(WISH.resource, ABSENT, WISH.state))


def test_another_failure_of_apt_is_told_at_once(programs: Path, locks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """apt that has no room for its lock says in its second line that it could not lock."""
    said = "Could not open lock file /x - open (28: No space left on device)"
    script = f"#!/bin/sh\necho 'E: {said}\nE: Unable to lock directory /x' >&2\nexit 100\n"
    (programs / "apt-get").write_text(script)
    monkeypatch.setattr(PackageLocks, "wait_after_refusal", lambda _unused: pytest.fail("nobody holds a lock"))
    with pytest.raises(SandboxError, match=r"exit code 100: E: Could not open .*\(28: No space"):
        make_apt(locks).purge(["haproxy"])
