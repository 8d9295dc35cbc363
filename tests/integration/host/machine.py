"""A light machine: Debian 13 with systemd as process 1, in namespaces: real units, packages and Docker in seconds.

It has this machine's kernel, so what depends on the kernel (AppArmor, cgroup limits) is for the lab's virtual machine.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.ably.sandbox.tests.lab import packages
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO

HERE = Path(__file__).resolve().parent
BASE = ("systemd", "systemd-sysv", "dbus", "python3", "iproute2", "procps", "kmod", "passwd")
# Fetched while the tree is built, because the machine has no network to fetch them by.
FETCHED = ("docker.io", "docker-cli", "haproxy", "dnsmasq-base", "nftables", "cron")
SHARED = ("plugins", "tests")
INSIDE = "/opt/collections/ansible_collections/ably/sandbox"
_BOOT_SECONDS = 60


@dataclass(frozen=True)
class Machine:
    """A running one. `init` is the process outside that is process 1 inside."""

    tree: Path
    init: int

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        environment = ("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8")
        enter = ("nsenter", "--target", str(self.init), "--all", "--wd=/", *environment)
        return subprocess.run((*enter, *command), capture_output=True, text=True, check=check, timeout=600)

    def run_script(self, name: str) -> None:
        """Run a script of `inside/`. What it prints is in the error when it fails."""
        module = f"ansible_collections.ably.sandbox.tests.integration.host.inside.{name}"
        done = self.run("env", "PYTHONPATH=/opt/collections", "python3", "-B", "-m", module, check=False)
        assert done.returncode == 0, f"{name}: {done.returncode}\n{done.stdout}\n{done.stderr}"


def build_tree(cache: Path) -> Path:
    """The root file system, built once for each list of packages."""
    key = hashlib.sha256(repr((packages.DEBIAN, BASE, FETCHED)).encode()).hexdigest()[:12]
    tree = cache / f"light-{key}"
    if tree.exists():
        return tree
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = cache / f"light-{key}.{os.getpid()}.tmp"
    fetch = f'chroot "$1" apt-get --yes --quiet=2 install --no-install-recommends --download-only {" ".join(FETCHED)}'
    options = ("--mode=root", "--format=directory", "--variant=apt", f"--include={','.join(BASE)}")
    # Without these two, apt forgets what it knew and fetched.
    keep = ("--skip=cleanup/apt", '--aptopt=APT::Keep-Downloaded-Packages "true"', f"--customize-hook={fetch}")
    command = ("mmdebstrap", "--quiet", *options, *keep, packages.DEBIAN, str(unfinished), *packages.observed_sources())
    subprocess.run(command, check=True, timeout=900)
    unfinished.rename(tree)
    return tree


@contextlib.contextmanager
def boot_machine(base: Path, scratch: Path) -> Iterator[Machine]:
    """A machine on a copy of the tree, with this checkout's code in it."""
    tree = scratch / "tree"
    subprocess.run(("cp", "-a", "--reflink=auto", str(base), str(tree)), check=True)
    for folder in SHARED:
        shutil.copytree(REPO / folder, tree / INSIDE.lstrip("/") / folder)
    with _own_cgroup() as group:
        process = subprocess.Popen((str(HERE / "boot"), str(tree), str(group)))
        try:
            machine = Machine(tree, _wait_for_init(process.pid))
            _wait_until_booted(machine)
            yield machine
        finally:
            process.kill()
            process.wait()
    shutil.rmtree(tree, ignore_errors=True)


@contextlib.contextmanager
def _own_cgroup() -> Iterator[Path]:
    mounts = [line.split() for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    group = Path(next(row[1] for row in mounts if row[2] == "cgroup2")) / f"ably-sandbox-light-{os.getpid()}"
    group.mkdir()
    try:
        yield group
    finally:
        _remove_group(group)


def _remove_group(group: Path) -> None:
    """A killed namespace's processes take a moment to be gone."""
    deadline = time.monotonic() + 10
    for folder, _unused, _unused in os.walk(group, topdown=False):
        while True:
            try:
                os.rmdir(folder)
                break
            except OSError:
                if time.monotonic() > deadline:
                    return
                time.sleep(0.1)


def _wait_for_init(parent: int) -> int:
    children = Path(f"/proc/{parent}/task/{parent}/children")
    deadline = time.monotonic() + _BOOT_SECONDS
    while time.monotonic() < deadline:
        found = children.read_text(encoding="ascii").split()
        if found and Path(f"/proc/{found[0]}/comm").read_text(encoding="utf-8").strip() == "systemd":
            return int(found[0])
        time.sleep(0.1)
    raise AssertionError("the light machine's systemd did not start")


def _wait_until_booted(machine: Machine) -> None:
    deadline = time.monotonic() + _BOOT_SECONDS
    state = ""
    while time.monotonic() < deadline:
        state = machine.run("systemctl", "is-system-running", check=False).stdout.strip()
        if state in {"running", "degraded"}:
            return
        time.sleep(0.2)
    raise AssertionError(f"the light machine is {state or 'silent'} after {_BOOT_SECONDS} s")
