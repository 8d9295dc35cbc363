#!/usr/bin/python3
"""A host's fingerprint: everything on it that a rollback has to bring back.

    fingerprint.py [--folder-mtime] [--digests FILE] > before.json

Runs on the host as root; writes nothing but FILE. Shares no code with the collection, on purpose.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import itertools
import json
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOTS = ("/etc", "/usr", "/var/lib", "/root", "/home")

# Not compared, with the reason. These, and nothing else.
EXCLUSIONS = {
    "/var/lib/docker": "Docker's own data; its containers, images, networks and volumes are compared as objects",
    "/var/lib/containerd": "Docker's own data, the part that containerd keeps",
    "/var/lib/dpkg": "package database; packages, versions and states are compared as a set",
    "/var/lib/apt": "package lists and apt's marks; the marks are compared with the package set",
    "/var/lib/systemd/random-seed": "written anew at each shutdown",
    "/var/lib/systemd/timers": "when timers ran last",
    "/etc/ld.so.cache": "a cache that ldconfig makes from the libraries, which are compared",
    "/root/.ansible": "Ansible's own scratch folder, made by connecting to the host",
}

# Kernel settings that count or that change by themselves.
VOLATILE_SYSCTL = re.compile(
    r"kernel\.random\.(uuid|boot_id|entropy_avail)|net\.ipv4\.tcp_fastopen_key|kernel\.(ns_last_pid|pty\.nr|perf_event_max_sample_rate)"
    r"|fs\.(dentry-state|inode-nr|inode-state|file-nr|aio-nr|quota\..*)"
    # Of modules that the kernel loads when a rule asks for them, and that stay loaded until a reboot.
    r"|net\.netfilter\.(nf_conntrack.*|nf_log\.\d+)|net\.nf_conntrack_max"
    # Made at each boot of the memory that is free then, to the page.
    r"|net\.ipv4\.(tcp|udp)_mem"
    r"|vm\.user_reserve_kbytes|kernel\.tainted|kernel\.sched_domain\..*"
)
# Units that come and go by themselves: hardware, logins, sessions, what a program made for the moment.
PASSING_UNIT = re.compile(
    r".*\.(device|scope|swap)|(run|user|session|init)-.*|user(-runtime-dir)?@.*|run-.*\.mount|var-lib-docker.*"
    r"|systemd-(hostnamed|timedated|localed|tmpfiles-clean|update-done|journal-catalog-update|sysusers)\..*|packagekit\..*"
)

Entries = dict[str, Any]


def output_of(*arguments: str) -> str:
    """What a program prints. A program that fails fails the fingerprint: half a witness is none."""
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
    done = subprocess.run(arguments, capture_output=True, check=False, env=environment, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(arguments)} exited {done.returncode}: {done.stderr.strip()}")
    return done.stdout


class Digests:
    """Of the files' contents. One that was taken before counts as long as the file's inode is what it was: no program
    writes to a file, or puts another into its place, and keeps the inode's number and both of its times: that of the
    last change is the kernel's own.
    """

    def __init__(self, kept: Path | None) -> None:
        self._path = kept
        self._before: dict[str, list[Any]] = json.loads(kept.read_text()) if kept and kept.exists() else {}
        self._now: dict[str, list[Any]] = {}

    def of(self, path: str, found: os.stat_result) -> str:
        inode = [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]
        before = self._before.get(path)
        digest: str = before[-1] if before and before[:-1] == inode else content_digest(path)
        self._now[path] = [*inode, digest]
        return digest

    def keep(self) -> None:
        if self._path:
            self._path.write_text(json.dumps(self._now))


def paths_below(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Everything in `folder` on any file system, but for the exclusions; links are not followed."""
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.path in EXCLUSIONS:
                    continue
                yield entry.path, entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)


def file_entry(path: str, found: os.stat_result, digests: Digests, folder_mtime: bool) -> Entries:
    kind = stat.S_IFMT(found.st_mode)
    entry: Entries = {"mode": f"{found.st_mode:o}", "owner": f"{found.st_uid}:{found.st_gid}"}
    if kind == stat.S_IFREG:
        entry["content"] = digests.of(path, found)
    elif kind == stat.S_IFLNK:
        entry["target"] = os.readlink(path)
    elif kind in (stat.S_IFCHR, stat.S_IFBLK):
        entry["device"] = found.st_rdev
    # A folder's time moves with every name that appears or vanishes in it, also when the names are the same again in
    # the end, as they are after a rollback and after any rename into place. It tells of a visit, not of what is there.
    if kind != stat.S_IFDIR or folder_mtime:
        entry["mtime_ns"] = found.st_mtime_ns
    if names := os.listxattr(path, follow_symlinks=False):  # POSIX ACLs and file capabilities are among them
        entry["xattrs"] = {name: os.getxattr(path, name, follow_symlinks=False).hex() for name in sorted(names)}
    return entry


def content_digest(path: str) -> str:
    """MD5: nobody makes collisions here, and on an emulated processor it takes a quarter of the time of SHA-512."""
    with open(path, "rb", buffering=0) as stream:
        return hashlib.md5(stream.read(), usedforsecurity=False).hexdigest()


def files(folder_mtime: bool, kept: Path | None) -> Entries:
    digests = Digests(kept)
    places = [(root, os.lstat(root)) for root in ROOTS if os.path.lexists(root)]
    below = (found for root, _unused in places for found in paths_below(root))
    entries = {path: file_entry(path, found, digests, folder_mtime) for path, found in itertools.chain(places, below)}
    digests.keep()
    return entries


def units() -> Entries:
    """States of unit files, and of units that are active or failed. Inactive ones come and go in systemd's memory."""
    found: Entries = {}
    for line in output_of("systemctl", "list-unit-files", "--no-legend").splitlines():
        name, state = line.split()[:2]
        if not PASSING_UNIT.fullmatch(name):
            found[f"{name} (file)"] = state
    for line in output_of("systemctl", "list-units", "--all", "--no-legend", "--plain", "--full").splitlines():
        name, loaded, active, sub = line.split()[:4]
        if active != "inactive" and not PASSING_UNIT.fullmatch(name):
            found[name] = f"{loaded} {active} {sub}"
    return found


def sysctl() -> Entries:
    """The running kernel's settings, as `sysctl -a` has them."""
    found: Entries = {}
    for folder, folders, names in os.walk("/proc/sys"):
        if folder == "/proc/sys/fs":
            folders.remove("binfmt_misc")  # a file system of its own, and looking into it mounts it
        for name in names:
            path = os.path.join(folder, name)
            key = os.path.relpath(path, "/proc/sys").replace("/", ".")
            if VOLATILE_SYSCTL.fullmatch(key) or not os.stat(path).st_mode & 0o444:
                continue
            try:
                with open(path, "rb") as stream:
                    found[key] = stream.read().decode(errors="replace").strip()
            except OSError:
                continue  # some settings may be listed but not read: stable_secret before it is set, for one
    return found


def nftables() -> Entries:
    """The ruleset by table, chain and set, without what packets alone make: counts, and members of dynamic sets."""
    nft = shutil.which("nft") or shutil.which("/opt/lab/bin/nft")  # the lab's own copy, on hosts that have none
    return {} if nft is None else read_ruleset(output_of(nft, "--stateless", "list", "ruleset"))


def read_ruleset(listing: str) -> Entries:
    """Order counts inside a chain only."""
    found: dict[str, list[str]] = {}
    table = where = ""
    for line in listing.splitlines():
        if line.startswith("table "):
            table = where = line.rstrip(" {")
            found[where] = []
        elif re.match(r"\t(chain|set|map|flowtable|counter|quota|limit|ct \w+) .*\{$", line):
            where = f"{table} {line.strip(' {' + chr(9))}"
            found[where] = []
        elif line == "\t}":
            where = table
        elif line.strip() and line != "}":
            found[where].append(line.strip())
    return {name: "\n".join(without_passing_members(lines)) for name, lines in found.items()}


def without_passing_members(lines: list[str]) -> list[str]:
    """Packets put them in, and the end of a connection or a minute takes them out. They stand last in their set."""
    if not any(re.match(r"flags .*\bdynamic\b", line) for line in lines):
        return lines
    return list(itertools.takewhile(lambda line: not line.startswith("elements = {"), lines))


def network() -> Entries:
    """Interfaces with their addresses, and routes; without link-local ones, which are made up at each boot."""
    found: Entries = {}
    for link in json.loads(output_of("ip", "-json", "address")):
        stable = [f"{item['local']}/{item['prefixlen']}" for item in link["addr_info"] if item["scope"] != "link"]
        found[f"interface {link['ifname']}"] = " ".join(sorted(stable))
    for family in ("-4", "-6"):
        routes = output_of("ip", family, "route", "show", "table", "main").splitlines()
        found.update((f"route {line.strip()}", "") for line in routes if not line.startswith("fe80::"))
    return found


def apparmor() -> Entries:
    """Profiles that the kernel has, with their modes and the sums of what the parser made of them."""
    return dict(_profiles(Path("/sys/kernel/security/apparmor/policy/profiles"), ""))


def _profiles(folder: Path, prefix: str) -> Iterator[tuple[str, str]]:
    for profile in folder.glob("*"):
        name, mode, policy = (
            (profile / part).read_text(encoding="utf-8").strip() for part in ("name", "mode", "sha256")
        )
        yield prefix + name, f"{mode} {policy}"
        yield from _profiles(profile / "profiles", f"{prefix}{name}//")


def packages() -> Entries:
    """Every package that dpkg knows, its version and state, and whether apt takes it for automatically installed."""
    form = "${Package}:${Architecture} ${Version} ${db:Status-Abbrev}\n"
    automatic = set(output_of("apt-mark", "showauto").split())
    found: Entries = {}
    for line in output_of("dpkg-query", "-W", "-f", form).splitlines():
        name, state = line.strip().split(" ", 1)
        found[name] = f"{state} auto" if name.partition(":")[0] in automatic else state
    return found


class DockerConnection(http.client.HTTPConnection):
    """HTTP over Docker's socket."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect("/run/docker.sock")


def docker_answer(path: str) -> Any:
    connection = DockerConnection("localhost", timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    if answer.status != 200:
        raise SystemExit(f"Docker answered {answer.status} to {path}")
    return json.loads(answer.read())


def docker() -> Entries:
    """Docker's objects, if it runs, their lists in order. Asking the socket of a stopped Docker would start it."""
    if subprocess.run(("systemctl", "--quiet", "is-active", "docker.service"), check=False).returncode != 0:
        return {}
    network = ("Driver", "Scope", "Internal", "EnableIPv6", "IPAM", "Options", "Labels")
    kinds = (
        ("container", docker_answer("/containers/json?all=1"), "Id", ("Names", "Image", "State", "Labels", "Mounts")),
        ("image", docker_answer("/images/json"), "Id", ("RepoTags",)),
        ("network", docker_answer("/networks"), "Name", network),  # the default ones get new ids when Docker starts
        ("volume", docker_answer("/volumes")["Volumes"] or (), "Name", ("Driver", "Labels", "Options")),
    )
    return {
        f"{kind} {item[key]}": {f: sorted(item[f], key=str) if isinstance(item[f], list) else item[f] for f in fields}
        for kind, items, key, fields in kinds
        for item in items
    }


def take(folder_mtime: bool, kept: Path | None) -> dict[str, Entries]:
    readers = (units, sysctl, nftables, network, apparmor, packages, docker)
    # Files last: nothing that is asked before may change one unseen.
    return {**{reader.__name__: reader() for reader in readers}, "files": files(folder_mtime, kept)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder-mtime", action="store_true", help="times of folders too")
    parser.add_argument("--digests", type=Path, help="a file that keeps what was read of the files' contents")
    arguments = parser.parse_args()
    print(json.dumps(take(arguments.folder_mtime, arguments.digests), sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
