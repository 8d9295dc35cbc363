"""Reads what the kernel says about a session's processes; the judging is done elsewhere, on plain text."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from pathlib import Path

from .._controls.apparmor.keys import AppArmor
from .._controls.container.session_checks import CGROUP_FILES, NAMESPACES
from .._controls.container.spec import SessionSpec
from .._controls.egress.session_checks import NET_FILES, PORT_SETTINGS
from .._controls.kernel.keys import KernelRules
from .._controls.session_view import KernelView, NetworkView, ProcessView
from .._system.apparmor import read_profile
from .._system.nft import digest_table

CGROUP_ROOT = Path("/sys/fs/cgroup")
_INTERFACES = Path("/sys/class/net")
_STEP = 0.02


def wait_for_program(pid: int, program: str, patience: float = 10.0, proc: Path = Path("/proc")) -> bool:
    """True once the process runs `program`. Until then it is still the runtime's own, with the runtime's rights."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if _read(proc / str(pid) / "cmdline").startswith(program + "\0"):
            return True
        time.sleep(_STEP)
    return False


def observe_process(pid: int, proc: Path = Path("/proc")) -> ProcessView | None:
    """One process, None when it has ended, be it while it was looked at: then it was not seen whole."""
    folder = proc / str(pid)
    view = ProcessView(
        status=_read(folder / "status"),
        cgroup=_read(folder / "cgroup"),
        namespaces=_read_namespaces(folder),
        apparmor=_read(folder / "attr" / "current"),
        uid_map=_read(folder / "uid_map"),
        gid_map=_read(folder / "gid_map"),
        oom_score_adj=_read(folder / "oom_score_adj"),
    )
    last = _read(folder / "status")
    return view if last and "\nState:\tZ" not in last else None


def observe_kernel(spec: SessionSpec, slot: int, pid: int, proc: Path = Path("/proc")) -> KernelView:
    """Everything about the container whose first process is `pid`. What cannot be read is empty."""
    process = observe_process(pid, proc) or ProcessView("", "")
    apparmor, rules = spec.part(AppArmor), spec.part(KernelRules)
    folder = proc / str(pid)
    return KernelView(
        process=process,
        mountinfo=_read(folder / "mountinfo"),
        network=_observe_network(spec.link(slot).port, folder / "net"),
        limits=_read(folder / "limits"),
        # Those of the first process: this service has some of its own.
        host_namespaces=_read_namespaces(proc / "1"),
        cgroup_files=_read_limits(process.cgroup),
        nft_digests=observe_tables(spec),
        apparmor_profile=read_profile(apparmor.profile) if apparmor else None,
        sysctls={name: _read_sysctl(folder, name) for name, _unused in rules.sysctls} if rules else {},
        module_rules=_digest(Path(rules.module_rules)) if rules else "",
    )


def observe_tables(spec: SessionSpec) -> dict[tuple[str, str], str]:
    """SHA-256 of the listing of each table that the specification names; a table that is not there is left out."""
    digests = {(table.family, table.name): digest_table(table.family, table.name) for table in spec.nft_tables}
    return {table: digest for table, digest in digests.items() if digest is not None}


def read_environment(pid: int, proc: Path = Path("/proc")) -> dict[str, str]:
    """The variables that the process was started with; none when it has ended."""
    pairs = (variable.partition("=") for variable in _read(proc / str(pid) / "environ").split("\0") if variable)
    return {name: value for name, _unused, value in pairs}


def _read(path: Path) -> str:
    """The text of a file of the kernel, empty when it is not there or its process has ended."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    except OSError as error:
        # attr/current without AppArmor answers EINVAL.
        if error.errno == errno.EINVAL:
            return ""
        raise


def _read_namespaces(folder: Path) -> dict[str, str]:
    namespaces = {}
    for name in (*NAMESPACES, "user"):
        try:
            namespaces[name] = os.readlink(folder / "ns" / name)
        except FileNotFoundError:
            continue
    return namespaces


def _observe_network(port: str, net: Path) -> NetworkView:
    """`net`: the folder of the container's first process."""
    try:
        bridge = (_INTERFACES / port / "master").readlink().name
    except FileNotFoundError:
        bridge = ""
    return NetworkView(
        net={name: _read(net / name) for name in NET_FILES},
        port={name: _read(_INTERFACES / port / "brport" / name) for name in PORT_SETTINGS},
        bridge=bridge,
        mac=_read(_INTERFACES / bridge / "address") if bridge else "",
    )


def cgroup_folder(text: str, root: Path = CGROUP_ROOT) -> Path | None:
    """By the text of `/proc/PID/cgroup`: the process's folder in the unified hierarchy (`0::/path`), or None."""
    found = (line[len("0::/") :] for line in text.splitlines() if line.startswith("0::/"))
    return next((root / path for path in found), None)


def _read_limits(cgroup: str) -> dict[str, str]:
    folder = cgroup_folder(cgroup)
    return {name: _read(folder / name) for name in CGROUP_FILES} if folder else {}


def _read_sysctl(folder: Path, name: str) -> str:
    """As the container of the process `folder` sees it: of its own /proc this service has the processes alone."""
    return _read(folder / "root" / "proc" / "sys" / name.replace(".", "/")).strip()


def _digest(path: Path) -> str:
    """The SHA-256 of a file, empty when it is not there."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""
