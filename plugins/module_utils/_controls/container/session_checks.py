"""Whether the kernel really holds a session to its specification: what /proc, cgroup and nftables say, judged.

Pure: `KernelView` is text that somebody read. Every function returns what is missing as short sentences, empty when
all is in force. What cannot be parsed counts as missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..._formats.apparmor_facts import ENFORCE, LoadedProfile
from ..egress.session_checks import NetworkView, find_missing_in_network
from ..kernel.items import is_closed
from .create import CGROUP_PARENT, OOM_SCORE_ADJ_COMMAND, OOM_SCORE_ADJ_PAUSE
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
_CGROUP_PATH = f"/ably.slice/{CGROUP_PARENT}/"  # systemd reads the dash as a step down
_WRITABLE_BY_RUNTIME = ("/proc", "/dev")


@dataclass(frozen=True)
class ProcessView:
    """Texts of one process's folder in /proc. `apparmor` is attr/current, empty without AppArmor."""

    status: str
    cgroup: str
    namespaces: Mapping[str, str] = field(default_factory=dict)
    apparmor: str = ""
    uid_map: str = ""
    gid_map: str = ""
    oom_score_adj: str = ""


@dataclass(frozen=True)
class KernelView:
    """What the kernel says about a container. `host_namespaces` are those of the host's first process.

    `cgroup_files`: name to content, of the container's own group. `nft_digests`: (family, table) to SHA-256 of the
    canonical listing; a table that is not there is not in it. `apparmor_profile`: the one that the specification names.
    `sysctls`: those that it names, with their values; `module_rules`: the SHA-256 of the file that it names, empty
    without the file.
    """

    process: ProcessView
    mountinfo: str
    network: NetworkView
    limits: str
    host_namespaces: Mapping[str, str]
    cgroup_files: Mapping[str, str]
    nft_digests: Mapping[tuple[str, str], str]
    apparmor_profile: LoadedProfile | None = None
    sysctls: Mapping[str, str] = field(default_factory=dict)
    module_rules: str = ""


@dataclass(frozen=True)
class _Mount:
    target: str
    options: frozenset[str]
    kind: str
    super_options: frozenset[str]


def find_missing(spec: SessionSpec, slot: int, view: KernelView) -> list[str]:
    """What the container lacks."""
    return [
        *_find_missing_in_process(spec, slot, view.process, OOM_SCORE_ADJ_PAUSE),
        *_check_namespaces(spec, view),
        *_check_mounts(spec, view.mountinfo),
        *find_missing_in_network(spec, slot, view.network),
        *_check_cgroup(spec, view.cgroup_files),
        *_check_limits(spec, view.limits),
        *_check_tables(spec, view.nft_digests),
        *_check_profile(spec, view.apparmor_profile),
        *_check_rules(spec, view),
    ]


def find_missing_in_process(spec: SessionSpec, slot: int, process: ProcessView) -> list[str]:
    """What the command line's process lacks."""
    return _find_missing_in_process(spec, slot, process, OOM_SCORE_ADJ_COMMAND)


def _find_missing_in_process(spec: SessionSpec, slot: int, process: ProcessView, oom_score_adj: int) -> list[str]:
    """The same for the pause program and for the command line, but for who goes first when memory is short."""
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
    if _CGROUP_PATH not in process.cgroup:
        missing.append(f"it is not in {CGROUP_PARENT}")
    if process.oom_score_adj.strip() != str(oom_score_adj):
        missing.append(f"oom_score_adj is {process.oom_score_adj.strip() or 'unknown'}, not {oom_score_adj}")
    return missing + _check_label(spec, process.apparmor) + _check_maps(spec, process)


def _check_label(spec: SessionSpec, label: str) -> list[str]:
    """A label is `name (mode)`, or several stacked: `ably-cli//&crun (mixed)`."""
    if spec.apparmor is None:
        return []
    names, _, mode = label.strip().rpartition(" ")
    if spec.apparmor.profile in names.split("//&") and mode in {"(enforce)", "(mixed)"}:
        return []
    return [f"the AppArmor label is {label.strip() or 'unconfined'}, not {spec.apparmor.profile}"]


def _check_rules(spec: SessionSpec, view: KernelView) -> list[str]:
    """A parameter may have become tighter since."""
    if spec.kernel is None:
        return []
    missing = (
        [] if view.module_rules == spec.kernel.sha256 else [f"{spec.kernel.module_rules} is not as it was written"]
    )
    for name, value in spec.kernel.sysctls:
        found = view.sysctls.get(name, "")
        if found != value and not is_closed(name, found):
            missing.append(f"{name} is {found or 'not there'}, not {value}")
    return missing


def _check_profile(spec: SessionSpec, loaded: LoadedProfile | None) -> list[str]:
    """A label is a name. What the kernel does under that name may have been replaced since."""
    if spec.apparmor is None:
        return []
    title = f"the AppArmor profile {spec.apparmor.profile}"
    if loaded is None:
        return [f"{title} is not there"]
    missing = [] if loaded.mode == ENFORCE else [f"{title} is in {loaded.mode} mode, not in {ENFORCE} mode"]
    return missing if loaded.sha256 == spec.apparmor.sha256 else [*missing, f"{title} is not as it was written"]


def _check_maps(spec: SessionSpec, process: ProcessView) -> list[str]:
    if spec.userns is None:
        return []
    wanted = ["0", str(spec.userns.first_id), str(spec.userns.size)]
    maps = {"user": process.uid_map, "group": process.gid_map}
    return [f"the {name} ids are not remapped" for name, text in maps.items() if text.split() != wanted]


def _check_namespaces(spec: SessionSpec, view: KernelView) -> list[str]:
    wanted = NAMESPACES + (("user",) if spec.userns else ())
    return [
        f"no {name} namespace of its own"
        for name in wanted
        if not view.process.namespaces.get(name)
        or view.process.namespaces[name] == view.host_namespaces.get(name, view.process.namespaces[name])
    ]


def _parse_mounts(mountinfo: str) -> list[_Mount]:
    """proc_pid_mountinfo(5): fields up to a lone dash, then type, source and the file system's own options."""
    mounts = []
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
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
    missing = [problem for target, tmpfs in sorted(wanted.items()) for problem in _check_place(mounts, target, tmpfs)]
    if "/" not in mounts or "ro" not in mounts["/"].options:
        missing.append("the root file system is writable")
    return missing + [
        f"{target} is writable"
        for target, mount in sorted(mounts.items())
        if "ro" not in mount.options and target not in wanted and target != "/" and not _is_runtime_place(target)
    ]


def _check_place(mounts: Mapping[str, _Mount], target: str, tmpfs: Tmpfs | None) -> list[str]:
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


def _check_tables(spec: SessionSpec, digests: Mapping[tuple[str, str], str]) -> list[str]:
    missing = []
    for table in spec.nft_tables:
        found = digests.get((table.family, table.name))
        if found is None:
            missing.append(f"the nftables table {table.family} {table.name} is not there")
        elif found != table.sha256:
            missing.append(f"the nftables table {table.family} {table.name} is not as it was written")
    return missing
