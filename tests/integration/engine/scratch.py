"""A scratch root with what a host has, the controls that are applied to it, and its fingerprint."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import Engine
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import (
    Activation,
    Control,
    Owner,
    Resource,
    Wish,
)
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.plugins.module_utils._formats.accounts import build_group_line, build_gshadow_line
from ansible_collections.ably.sandbox.plugins.module_utils._system.local_host import LocalHost
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.plugins.module_utils._system.store import LedgerStore
from ansible_collections.ably.sandbox.tests.states import present

HERE = Path(__file__).resolve().parent
OLD = 1_234_567_890_123_456_789
RESTART = Activation("restart", "svc.service")
RELOAD = Activation("reload", "other.service")
RELOAD_UNITS = Activation("daemon-reload")
LEDGER = "var/lib/ably-sandbox"
# The lock and the fake systemd's memory are not the host's durable state.
VOLATILE = ("run",)

FILES: dict[str, tuple[int, bytes]] = {
    "etc/svc.conf": (0o640, b"mode = old\nraw = \xff\xfe\n"),
    "etc/unwanted.conf": (0o600, b"to be removed\n"),
    "etc/docker/daemon.json": (0o644, b'{\n    "log-driver": "local",\n    "dns": ["192.0.2.1"]\n}\n'),
    "etc/group": (0o644, b"root:x:0:\nalice:x:1000:\n"),
    "etc/group-": (0o644, b"root:x:0:\n"),
    "etc/gshadow": (0o640, b"root:*::\nalice:!::\n"),
    "etc/.pwd.lock": (0o600, b""),
    "proc/sys/net/ipv4/ip_forward": (0o644, b"0\n"),
    "etc/foreign": (0o444, b"not ours\n"),
}


def build_root(root: Path) -> None:
    for name in ("run", "var/lib", "usr/local/bin", "etc/shared.d", "etc/docker", "proc/sys/net/ipv4"):
        (root / name).mkdir(parents=True)
    for name, (mode, content) in FILES.items():
        (root / name).write_bytes(content)
        (root / name).chmod(mode)
    (root / "etc/link").symlink_to("old-target")
    (root / "etc/shared.d").chmod(0o770)
    os.setxattr(root / "etc/svc.conf", "user.note", b"kept")
    os.chown(root / "etc/svc.conf", 7, 8)
    for path in (*(root / name for name in FILES), root / "etc/link"):
        os.utime(path, ns=(OLD, OLD), follow_symlinks=False)


def file(path: str, content: str, *activates: Activation, mode: int = 0o644, check: tuple[str, ...] = ()) -> Wish:
    facts = {"type": "file", "content": content, "mode": mode, "uid": 0, "gid": 0}
    return Wish(Resource("file", path), State(facts), activates, check)


def folder(path: str, mode: int) -> Wish:
    return Wish(Resource("file", path), present(type="folder", mode=mode, uid=0, gid=0))


def base_control(edition: str, health: tuple[str, ...] = ("true",)) -> Control:
    """Every kind that lives in files, new and changed and removed, with a restart. Editions differ in some wishes."""
    wishes = (
        *(Wish(Resource("shared_file", f"/etc/{name}"), None) for name in ("group", "group-", "gshadow", "gshadow-")),
        Wish(Resource("shared_file", "/etc/docker/daemon.json"), None),
        Wish(Resource("file", "/etc/svc"), present(type="folder", mode=0o755, uid=0, gid=0)),
        Wish(Resource("shared_file", "/etc/svc/daemon.json"), None),
        folder("/etc/shared.d", 0o751),
        file("/etc/svc/a.conf", f"a of {edition}\n", RESTART, check=("test", "-s", "{}")),
        file("/etc/svc.conf", f"mode = {edition}\n", RESTART),
        *((file("/etc/svc/first.conf", "only at first\n", RESTART),) if edition == "first" else ()),
        *((file("/etc/svc/second.conf", "only at second\n", RESTART),) if edition == "second" else ()),
        Wish(Resource("file", "/etc/unwanted.conf"), ABSENT, (RELOAD_UNITS,)),
        Wish(Resource("file", "/etc/link"), present(type="link", target=f"{edition}-target", uid=0, gid=0)),
        Wish(Resource("json_key", "/etc/docker/daemon.json#log-driver"), present(value="journald"), (RESTART,)),
        Wish(Resource("json_key", "/etc/docker/daemon.json#icc"), present(value=False), (RESTART,)),
        Wish(Resource("json_key", "/etc/svc/daemon.json#edition"), present(value=edition), (RESTART,)),
        Wish(Resource("table_entry", "/etc/group#sandbox"), present(line=build_group_line("sandbox", 990, ["alice"]))),
        Wish(Resource("table_entry", "/etc/gshadow#sandbox"), present(line=build_gshadow_line("sandbox", ["alice"]))),
        Wish(Resource("sysctl", "net.ipv4.ip_forward"), present(value="1")),
    )
    return Control(Owner(1, "base"), wishes, (health,))


def extra_control() -> Control:
    """A second phase, with an activation of its own."""
    wishes = (file("/etc/other.conf", "extra\n", RELOAD), file("/usr/local/bin/tool", "#!/bin/sh\n", mode=0o755))
    return Control(Owner(2, "extra"), wishes)


class QuietOutside(Outside):
    """Does not wait for the disk: what a killed process has written stays in the page cache all the same."""

    def sync(self, descriptor: int, path: str) -> None:
        self.step("sync", path)

    def sync_folder(self, path: str) -> None:
        self.step("sync", path)


@dataclass
class Scratch:
    """One host in a folder: `root`, and the memory of its fake systemd beside it."""

    folder: Path
    root: Path = field(init=False)
    systemd: Path = field(init=False)

    def __post_init__(self) -> None:
        self.root = self.folder / "root"
        self.systemd = self.folder / "systemd"

    def build(self) -> Scratch:
        self.root.mkdir(parents=True)
        self.systemd.mkdir()
        build_root(self.root)
        (self.systemd / "log").write_bytes(b"")
        (self.folder / "bin").mkdir()
        shutil.copy(HERE / "fake_systemctl", self.folder / "bin/systemctl")
        return self

    def environment(self) -> dict[str, str]:
        """What makes commands find the fake systemd, and it this root."""
        path = f"{self.folder / 'bin'}:{os.defpath}"
        return {"PATH": path, "FAKE_SYSTEMD": str(self.systemd), "FAKE_ROOT": str(self.root)}

    def engine(self, outside: Outside | None = None) -> Engine:
        outside = outside or Outside(str(self.root))
        return Engine(LocalHost(outside, health_patience=0), LedgerStore(outside, patience=0.3))

    def fingerprint(self, *, times: bool = True, ledger: bool = True) -> dict[str, tuple[object, ...]]:
        """Every path with type, mode, owner, attributes, content and (files and links only) time."""
        left_out = (*VOLATILE, *(() if ledger else (LEDGER,)))
        found: dict[str, tuple[object, ...]] = {}
        for top, folders, files in os.walk(self.root):
            for name in (*folders, *files):
                path = os.path.join(top, name)
                relative = os.path.relpath(path, self.root)
                if not relative.startswith(left_out):
                    found[relative] = _describe(path, times and not relative.startswith("proc"))
        return found

    def restarts(self) -> int:
        return (self.systemd / "log").read_text().split().count("restart")

    def has_stale_service(self) -> bool:
        """Whether the service last read other files than are there now. One that was never restarted read the first."""
        names = ("etc/svc.conf", *sorted(f"etc/svc/{p.name}" for p in (self.root / "etc/svc").glob("*.conf")))
        there = [self.root / name for name in (*names, "etc/svc/daemon.json")]
        present_now = b"".join(path.read_bytes() for path in there if path.exists())
        last = self.systemd / "read"
        read = last.read_bytes() if last.exists() else FILES["etc/svc.conf"][1]
        return read != present_now


def _describe(path: str, with_time: bool) -> tuple[object, ...]:
    found = os.lstat(path)
    facts: list[object] = [oct(found.st_mode), found.st_uid, found.st_gid]
    if stat.S_ISLNK(found.st_mode):
        facts.append(os.readlink(path))
    elif stat.S_ISREG(found.st_mode):
        facts.append(hashlib.sha256(Path(path).read_bytes()).hexdigest())
    names = os.listxattr(path, follow_symlinks=False)
    facts.extend((name, os.getxattr(path, name, follow_symlinks=False)) for name in sorted(names))
    if with_time and not stat.S_ISDIR(found.st_mode):
        facts.append(found.st_mtime_ns)
    return tuple(facts)
