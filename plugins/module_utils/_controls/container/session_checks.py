"""Whether the kernel really holds a session to its container: what /proc and cgroup say, judged.

Pure. Every function returns what is missing as short sentences, empty when all is in force. What cannot be parsed
counts as missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..names import SLICE, SLICE_PATH
from ..session_view import KernelView, ProcessView
from .create import OOM_SCORE_ADJ_COMMAND, OOM_SCORE_ADJ_PAUSE
from .fields import Tmpfs
from .spec import SessionSpec

NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "uts")
CGROUP_FILES = ("memory.max", "memory.swap.max", "pids.max", "cpu.max")
_CAPABILITY_SETS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
_FILTERED = "2"
_LIMIT_NAMES = {"nofile": "Max open files", "core": "Max core file size", "fsize": "Max file size"}
_CPU_PERIOD = 100_000
_NANO = 1_000_000_000
_SHM = "/dev/shm"  # noqa: S108  # the mount is judged, nothing is written there
_PAGE = 4096
_WRITABLE_BY_RUNTIME = ("/proc", "/dev")


@dataclass(frozen=True)
class _Mount:
    target: str
    options: frozenset[str]
    kind: str
    super_options: frozenset[str]


def find_missing(spec: SessionSpec, _unused: int, view: KernelView) -> list[str]:
    """What the container lacks, and its pause program has besides."""
    return [
        *_check_namespaces(view),
        *_check_mounts(spec, view.mountinfo),
        *_check_cgroup(spec, view.cgroup_files),
        *_check_limits(spec, view.limits),
        *_check_place(view.process, OOM_SCORE_ADJ_PAUSE),
    ]


def find_missing_in_command(_unused: SessionSpec, _slot: int, process: ProcessView) -> list[str]:
    """When memory is short, it goes before the pause program does."""
    return _check_place(process, OOM_SCORE_ADJ_COMMAND)


def _check_place(process: ProcessView, oom_score_adj: int) -> list[str]:
    found = process.oom_score_adj.strip()
    return [] if found == str(oom_score_adj) else [f"oom_score_adj is {found or 'unknown'}, not {oom_score_adj}"]


def find_missing_in_process(spec: SessionSpec, slot: int, process: ProcessView) -> list[str]:
    """What any process of the session lacks."""
    status = dict(line.split(":", 1) for line in process.status.splitlines() if ":" in line)
    said = {name: value.split() for name, value in status.items()}
    uid = str(spec.host_uid(slot))
    missing = []
    if said.get("NoNewPrivs") != ["1"]:
        missing.append("no-new-privileges is off")
    missing += [f"{name} is not empty" for name in _CAPABILITY_SETS if set("".join(said.get(name, ["?"]))) != {"0"}]
    missing += [f"{name} is not {uid}" for name in ("Uid", "Gid") if said.get(name) != [uid] * 4]
    if not set(said.get("Groups", ["?"])) <= {uid}:
        missing.append("it has further groups")
    if said.get("Seccomp") != [_FILTERED]:
        missing.append("no seccomp filter")
    if f"{SLICE_PATH}/" not in process.cgroup:
        missing.append(f"it is not in {SLICE}")
    return missing


def _check_namespaces(view: KernelView) -> list[str]:
    return [f"no {name} namespace of its own" for name in NAMESPACES if not view.has_own_namespace(name)]


def _parse_mounts(mountinfo: str) -> list[_Mount]:
    """proc_pid_mountinfo(5): fields up to a lone dash, then type, source and the file system's own options."""
    mounts = []
    for line in mountinfo.splitlines():
        left, _unused, right = line.partition(" - ")
        before, after = left.split(), right.split()
        mounts.append(_Mount(before[4], frozenset(before[5].split(",")), after[0], frozenset(after[-1].split(","))))
    return mounts


def _check_mounts(spec: SessionSpec, mountinfo: str) -> list[str]:
    """The root is read-only, the writable places are those of the specification, and none can hold programs."""
    try:
        mounts = {mount.target: mount for mount in _parse_mounts(mountinfo)}
    except IndexError:
        return ["the mounts cannot be read"]
    wanted: dict[str, Tmpfs | None] = {**spec.tmpfs, _SHM: Tmpfs(spec.shm_size, 0o1777)}
    wanted[spec.data_directory] = spec.home if isinstance(spec.home, Tmpfs) else None
    missing = [problem for target, tmpfs in sorted(wanted.items()) for problem in _check_mount(mounts, target, tmpfs)]
    if "/" not in mounts or "ro" not in mounts["/"].options:
        missing.append("the root file system is writable")
    return missing + [
        f"{target} is writable"
        for target, mount in sorted(mounts.items())
        if "ro" not in mount.options and target not in wanted and target != "/" and not _is_runtime_place(target)
    ]


def _check_mount(mounts: Mapping[str, _Mount], target: str, tmpfs: Tmpfs | None) -> list[str]:
    mount = mounts.get(target)
    if mount is None:
        return [f"nothing is mounted on {target}"]
    missing = [f"{target} is not {option}" for option in ("noexec", "nosuid", "nodev") if option not in mount.options]
    if tmpfs is not None and (mount.kind != "tmpfs" or _render_size(tmpfs.size) not in mount.super_options):
        missing.append(f"{target} is not bounded to {tmpfs.size} bytes")
    return missing


def _render_size(size: int) -> str:
    """As the kernel shows it: whole pages, rounded up, in kibibytes."""
    return f"size={-(-size // _PAGE) * _PAGE // 1024}k"


def _is_runtime_place(target: str) -> bool:
    """The runtime mounts /proc and /dev writable; what in them is not for sessions it masks, or modes forbid it."""
    return any(target == place or target.startswith(place + "/") for place in _WRITABLE_BY_RUNTIME)


def _check_cgroup(spec: SessionSpec, files: Mapping[str, str]) -> list[str]:
    wanted = {
        "memory.max": str(spec.memory // _PAGE * _PAGE),
        "memory.swap.max": "0",
        "pids.max": str(spec.pids),
        "cpu.max": f"{spec.nano_cpus * _CPU_PERIOD // _NANO} {_CPU_PERIOD}",
    }
    return [
        f"{name} is {files.get(name, 'missing').strip()}, not {value}"
        for name, value in wanted.items()
        if files.get(name, "").strip() != value
    ]


def _check_limits(spec: SessionSpec, limits: str) -> list[str]:
    """/proc/PID/limits: the name, then soft and hard limit."""
    said = {
        name: line[len(title) :].split()[:2]
        for line in limits.splitlines()
        for name, title in _LIMIT_NAMES.items()
        if line.startswith(title)
    }
    return [
        f"the limit {name} is {' '.join(said.get(name, ['missing']))}, not {value}"
        for name, value in sorted(spec.ulimits.items())
        if said.get(name) != [str(value)] * 2
    ]
