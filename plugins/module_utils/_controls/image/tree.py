"""The session image's file tree: what of a Debian root file system goes into it, and what is added. Pure.

A session gets no shell, no package manager and nothing that is set-user-id: of the programs in the usual folders only
those that are named stay. What is left can be used read-only and under any numeric user id.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

PROGRAM_FOLDERS = ("usr/bin", "usr/sbin", "usr/games", "usr/local/bin", "usr/local/sbin", "bin", "sbin")
# Files that describe packages, or that only people, shells, compilers and debuggers read.
_DROPPED = (
    "boot",
    "dev",
    "etc/apt",
    "etc/bash.bashrc",
    "etc/ca-certificates",
    "etc/cron.daily",
    "etc/debconf.conf",
    "etc/default",
    "etc/dpkg",
    "etc/fstab",
    "etc/hostname",
    "etc/issue",
    "etc/issue.net",
    "etc/ld.so.cache",
    "etc/logrotate.d",
    "etc/profile.d",
    "etc/resolv.conf",
    "etc/skel",
    "etc/ssl/private",
    "etc/update-motd.d",
    "usr/include",
    "usr/lib/apt",
    "usr/lib/dpkg",
    "usr/lib/ssl/misc",
    "usr/lib/sysusers.d",
    "usr/lib/systemd",
    "usr/lib/tmpfiles.d",
    "usr/lib/valgrind",
    "usr/share/base-files",
    "usr/share/bash-completion",
    "usr/share/bug",
    "usr/share/ca-certificates",
    "usr/share/common-licenses",
    "usr/share/debconf",
    "usr/share/dict",
    "usr/share/doc",
    "usr/share/doc-base",
    "usr/share/gcc",
    "usr/share/gdb",
    "usr/share/info",
    "usr/share/keyrings",
    "usr/share/libc-bin",
    "usr/share/lintian",
    "usr/share/locale",
    "usr/share/man",
    "usr/share/menu",
    "usr/share/perl5",
    "usr/share/pixmaps",
    "usr/src",
    "var",
)
_DROPPED_NAMES = frozenset({".bin", ".package-lock.json"})
# The last is a shell script that the package `open` would run before the image's own.
_DROPPED_ENDINGS = (".d.ts", ".d.mts", ".d.cts", ".map", "/open/xdg-open")
# What opens a browser elsewhere. Here it is node, which finds no such script and ends: a program that shows an address
# and opens it goes on after the one, instead of failing at the other. Level 2 would execute no other program.
_OPENER, _OPENS = "usr/bin/xdg-open", "node"
# Debian's authorities, which its own package would put together when it is configured; and further ones alone.
_AUTHORITIES = "etc/ssl/certs/ca-certificates.crt"
FURTHER_AUTHORITIES = "etc/ssl/certs/further.crt"
_STICKY_FOLDERS = ("tmp", "var/tmp")
_EMPTY_FOLDERS = ("dev", "home/ably", "proc", "run", "sys", "tmp", "var/tmp")


@dataclass(frozen=True)
class Entry:
    """One file, folder or link of the layer. Exactly one of `content` and `source` is set for a regular file.

    `path` has no leading or trailing slash. `source` says where the builder finds the content.
    """

    path: str
    kind: str  # "file", "folder" or "link"
    executable: bool = False
    target: str = ""
    content: bytes | None = None
    source: str | None = None

    @property
    def mode(self) -> int:
        """Permissions that suit any user id: readable by all, writable by nobody but root, never set-user-id."""
        if self.path in _STICKY_FOLDERS:
            return 0o1777
        if self.kind == "link":
            return 0o777
        return 0o755 if self.kind == "folder" or self.executable else 0o644


def is_wanted(path: str, kind: str, programs: frozenset[str]) -> bool:
    """Whether the root file system's `path` goes into the image. `programs` are names of files, such as `node`."""
    folder, name = posixpath.split(path)
    if folder in PROGRAM_FOLDERS and kind != "folder":
        return name in programs
    inside = f"{path}/"
    if any(inside.startswith(f"{dropped}/") for dropped in _DROPPED):
        return False
    return "/perl" not in path and "/gconv/" not in inside


def is_wanted_module(path: str) -> bool:
    """Whether a file of an npm project goes into the image; `path` is relative to the project."""
    return _DROPPED_NAMES.isdisjoint(path.split("/")) and not path.endswith(_DROPPED_ENDINGS)


def rewrite_interpreter(content: bytes, program: str = "/usr/bin/node") -> bytes:
    """A script's content with `#!/usr/bin/env node` made direct, because the image has no `env`."""
    first, newline, rest = content.partition(b"\n")
    if not first.startswith(b"#!") or b"env" not in first.split(b"/")[-1].split()[:1]:
        return content
    if first.split()[-1] != b"node":
        return content
    return b"#!" + program.encode() + newline + rest


def fixed_entries(authorities: tuple[bytes, ...], further: tuple[bytes, ...] = ()) -> list[Entry]:
    """What every session image has besides packages: mount points, accounts, name service, authorities, no browser.

    `authorities`: Debian's; `further`: those to trust besides, which stand in a file of their own as well.
    """
    files = {
        "etc/group": b"root:x:0:\n",
        "etc/hostname": b"",
        "etc/hosts": b"127.0.0.1 localhost\n",
        "etc/nsswitch.conf": b"passwd: files\ngroup: files\nhosts: files dns\n",
        "etc/passwd": b"root:x:0:0::/:/usr/sbin/nologin\n",
        "etc/resolv.conf": b"",
        _AUTHORITIES: _join(authorities + further),
        **({FURTHER_AUTHORITIES: _join(further)} if further else {}),
    }
    entries = [Entry(path, "file", content=content) for path, content in files.items()]
    entries.append(Entry(_OPENER, "link", target=_OPENS))
    return entries + [Entry(path, "folder") for path in _EMPTY_FOLDERS]


def _join(certificates: tuple[bytes, ...]) -> bytes:
    return b"".join(one.rstrip() + b"\n" for one in certificates)


def arrange(entries: list[Entry]) -> list[Entry]:
    """`entries` in the layer's order, later ones replacing earlier ones at the same path, missing folders added."""
    by_path = {entry.path: entry for entry in entries}
    for path in list(by_path):
        folder = posixpath.dirname(path)
        while folder and folder not in by_path:
            by_path[folder] = Entry(folder, "folder")
            folder = posixpath.dirname(folder)
    return [by_path[path] for path in sorted(by_path, key=lambda path: path.split("/"))]
