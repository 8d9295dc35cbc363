"""Packages come with what they need, start nothing, and go again with what they brought."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.asked import Asked
from ansible_collections.ably.sandbox.plugins.module_utils._controls.wishes import footprint, package
from ansible_collections.ably.sandbox.plugins.module_utils._engine.changes import Outcome
from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import Engine
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT
from ansible_collections.ably.sandbox.plugins.module_utils._formats.dpkg import LockHolder
from ansible_collections.ably.sandbox.plugins.module_utils._system.local_host import LocalHost
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.plugins.module_utils._system.package_locks import LOCKS, PackageLocks
from ansible_collections.ably.sandbox.plugins.module_utils._system.preflight_facts import HostReader
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.package import PackageProvider
from ansible_collections.ably.sandbox.plugins.module_utils._system.store import LedgerStore
from ansible_collections.ably.sandbox.tests.integration.host.inside.steps import (
    apply,
    apply_twice,
    control,
    observe,
    refused,
    roll_back,
    say,
)
from ansible_collections.ably.sandbox.tests.states import present

PACKAGES = control("packages", footprint("package_set", "host"), package("haproxy"), package("cron"))
HOLD_THE_LOCK = (
    "import fcntl, sys, time; f = open('/var/lib/dpkg/lock-frontend', 'a'); fcntl.lockf(f, fcntl.LOCK_EX); "
    "print('held', flush=True); time.sleep(float(sys.argv[1]))"
)


def list_packages() -> str:
    return say("dpkg-query", "--show", "--showformat=${Package} ${Version} ${db:Status-Status}\n")


def come_and_go() -> None:
    before = list_packages()
    apply_twice(PACKAGES)
    assert "liblua5.4-0" in list_packages()
    for unit in ("haproxy.service", "cron.service"):
        assert observe("unit", unit) == present(enabled="disabled", active="inactive"), unit
    assert not Path("/run/systemd/system-preset").exists()
    (outcome,) = roll_back()
    assert outcome.kept == (), outcome.kept
    assert list_packages() == before


def keep_what_others_need() -> None:
    """Somebody else asks for a library that came along: it stays, and so it is said."""
    apply(PACKAGES)
    say("apt-mark", "manual", "liblua5.4-0")
    (outcome,) = roll_back()
    assert any("liblua5.4-0 stay" in text for text in outcome.kept), outcome.kept
    assert observe("package", "haproxy") == ABSENT
    say("apt-get", "--yes", "--quiet=2", "purge", "liblua5.4-0")


def remember_a_removed_package_s_configuration() -> None:
    say("apt-get", "--yes", "--quiet=2", "install", "--no-install-recommends", "cron")
    say("apt-get", "--yes", "--quiet=2", "remove", "cron")
    assert observe("package", "cron") == present(installed=False)
    apply(control("later", package("cron")))
    roll_back("later")
    assert observe("package", "cron") == present(installed=False)
    assert Path("/etc/crontab").exists()
    say("apt-get", "--yes", "--quiet=2", "purge", "cron")


def refuse_what_cannot_be() -> None:
    with refused("nosuchpackage", "check the host's package sources"):
        apply(control("wrong", package("nosuchpackage")))
    with refused("expected a name such as"):
        apply(control("wrong", package("a b")))
    roll_back()


def wait_for_others() -> None:
    """Before anything changes, with the holder's name; and not at all where everything is there."""
    with lock_held() as holder, refused(f"process {holder.pid} (python3) holds {LOCKS[0]}", "let it finish"):
        apply_with(0)
    assert not Path("/var/lib/ably-sandbox/ledger").exists()
    with lock_held(seconds=2):
        apply_with(30)
    with lock_held():
        assert not apply_with(0).changed
    roll_back()


def see_another_at_work() -> None:
    """What it has not come to an end with is not called half done; what nobody works on is, and is refused."""
    say("apt-get", "--yes", "--quiet=2", "install", "--no-install-recommends", "cron")
    status = Path("/var/lib/dpkg/status")
    before = status.read_text(encoding="utf-8")
    halves = re.sub(r"(Package: cron\nStatus: install ok )installed", r"\1half-configured", before)
    assert halves != before
    status.write_text(halves, encoding="utf-8")
    with lock_held() as holder:
        facts = HostReader(Outside()).read((), Asked(), {})
    assert facts.package_holder == LockHolder(LOCKS[0], holder.pid, "python3")
    facts = HostReader(Outside()).read((), Asked(), {})
    assert (facts.package_holder, facts.broken_packages) == (None, ("cron",))
    with refused("package haproxy: dpkg: found half done: cron", "dpkg --configure -a"):
        apply(control("packages", package("haproxy")))
    status.write_text(before, encoding="utf-8")
    say("apt-get", "--yes", "--quiet=2", "purge", "cron")


@contextmanager
def lock_held(seconds: float = 600) -> Iterator[subprocess.Popen[bytes]]:
    holder = subprocess.Popen((sys.executable, "-c", HOLD_THE_LOCK, str(seconds)), stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        yield holder
    finally:
        holder.kill()
        holder.wait()


def apply_with(patience: int) -> Outcome:
    locks = PackageLocks(Outside(), patience, patience)
    providers = {"package": partial(PackageProvider, locks=locks)}
    return Engine(LocalHost(providers=providers), LedgerStore()).apply(PACKAGES)


def recover_from_a_killed_run() -> None:
    """Only the engine is killed: its apt goes on, and the next run waits for it."""
    kill_while_unpacking("--full", "host.inside.packages install")
    come_to_an_end()


def recover_from_a_killed_dpkg() -> None:
    """All is killed, as when the power fails: the next run brings dpkg's work to an end before it plans."""
    kill_while_unpacking("--full", "host.inside.packages install|^apt-get|^/usr/bin/dpkg|^dpkg")
    come_to_an_end()


def kill_while_unpacking(*whom: str) -> None:
    running = subprocess.Popen(
        (sys.executable, "-B", "-m", __spec__.name, "install"), stdout=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while not say("dpkg", "--audit") and time.monotonic() < deadline and running.poll() is None:
        time.sleep(0.02)
    assert running.poll() is None, "it was done before it could be killed"
    subprocess.run(("pkill", "-KILL", *whom), check=True)
    running.wait()


def come_to_an_end() -> None:
    apply(PACKAGES)
    assert observe("package", "haproxy") == present(installed=True)
    assert observe("unit", "cron.service").fact("enabled") == "disabled"
    assert say("dpkg", "--audit") == ""
    before = list_packages()
    roll_back()
    assert "haproxy" in before
    assert "haproxy" not in list_packages()


if __name__ == "__main__":
    if sys.argv[1:] == ["install"]:
        apply(PACKAGES)
    else:
        for check in (
            come_and_go,
            keep_what_others_need,
            remember_a_removed_package_s_configuration,
            refuse_what_cannot_be,
            wait_for_others,
            see_another_at_work,
            recover_from_a_killed_run,
            recover_from_a_killed_dpkg,
        ):
            print(check.__name__, flush=True)
            check()
