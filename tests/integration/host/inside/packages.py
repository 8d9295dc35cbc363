"""Packages come with what they need, start nothing, and go again with what they brought."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from ansible_collections.ably.sandbox.plugins.module_utils._controls.wishes import footprint, package
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT
from ansible_collections.ably.sandbox.plugins.module_utils._system import apt
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
    "import fcntl, time; f = open('/var/lib/dpkg/lock-frontend', 'a'); fcntl.lockf(f, fcntl.LOCK_EX); "
    "print('held', flush=True); time.sleep(600)"
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
    patience, options = apt._LOCK_PATIENCE, apt._OPTIONS
    apt._LOCK_PATIENCE, apt._OPTIONS = 1, (*options, "--option=DPkg::Lock::Timeout=1")
    holder = subprocess.Popen((sys.executable, "-c", HOLD_THE_LOCK), stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        with refused(f"process {holder.pid}", "let it finish"):
            apply(PACKAGES)
    finally:
        apt._LOCK_PATIENCE, apt._OPTIONS = patience, options
        holder.kill()
        holder.wait()
    roll_back()


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
            recover_from_a_killed_run,
            recover_from_a_killed_dpkg,
        ):
            print(check.__name__, flush=True)
            check()
