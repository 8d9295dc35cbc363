"""The body of Docker's `POST /containers/create` for one session, from the specification.

Source: Docker Engine API 1.41, ContainerCreate. Credentials are not an input: what is rendered here, Docker writes
to its disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..apparmor.keys import AppArmor
from ..names import SLICE
from .fields import Bind, HomeVolume, Tmpfs
from .spec import SessionSpec

LABEL_SESSION = "io.ably.sandbox.session"
LABEL_UID = "io.ably.sandbox.uid"
PAUSE_TARGET = "/.ably-pause"
HOSTNAME = "ably"
USER_NAME = "ably"
# What programs do that can only fail in a session, or leave an error behind: looking for newer releases of themselves,
# as oclif's and npm's notifiers do, and caches in the read-only home.
DEFAULT_ENVIRONMENT = {
    "ABLY_SKIP_NEW_VERSION_CHECK": "true",
    "NO_UPDATE_NOTIFIER": "1",
    "XDG_CACHE_HOME": "/tmp/.cache",  # noqa: S108  # each session's own
}

# Docker's own list, and the control groups: with remapped ids Docker mounts these writable, and to root in the
# container the runtime even hands its own group over.
_READ_ONLY_PATHS = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", "/sys/fs/cgroup")
# When memory is short the kernel takes a session before anything of the host's, and of a session what runs in it before
# the pause program, without which the session would end without a word.
OOM_SCORE_ADJ_COMMAND = 900
OOM_SCORE_ADJ_PAUSE = 899


@dataclass(frozen=True)
class SessionIds:
    """One session among the others. `session` is safe in a container name; `files` is its folder on the host."""

    session: str
    slot: int
    files: str

    @property
    def container(self) -> str:
        """The container's name."""
        return container_name_of(self.session)


def container_name_of(session: str) -> str:
    return f"ably-sandbox-{session}"


def render_session_files(spec: SessionSpec, slot: int) -> dict[str, str]:
    """The files under /etc that are this session's own, name to content.

    Node's `os.userInfo()` throws without a passwd entry; the resolver is the gateway and nothing else.
    """
    uid = spec.uid(slot)
    return {
        "passwd": f"{USER_NAME}:x:{uid}:{uid}::{spec.home_directory}:/usr/sbin/nologin\n",
        "group": f"{USER_NAME}:x:{uid}:\n",
        "resolv.conf": f"nameserver {spec.network.gateway}\noptions timeout:2 attempts:2\n",
        "hosts": f"127.0.0.1 localhost {HOSTNAME}\n",
    }


def render_container_create(spec: SessionSpec, ids: SessionIds, seccomp: str | None = None) -> dict[str, Any]:
    """The request's body. `seccomp` is the profile's JSON text; Docker takes the content, not a path."""
    uid = spec.uid(ids.slot)
    return {
        "Image": spec.image,
        "Entrypoint": [PAUSE_TARGET, "-P"],
        "Cmd": [],
        "User": f"{uid}:{uid}",
        "WorkingDir": spec.home_directory,
        "Hostname": HOSTNAME,
        "Env": [],
        "Labels": {LABEL_SESSION: ids.session, LABEL_UID: str(uid)},
        "Tty": False,
        "OpenStdin": False,
        # An image's own health check would run programs in the session that nobody asked for.
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": _host_config(spec, ids, seccomp),
    }


def _host_config(spec: SessionSpec, ids: SessionIds, seccomp: str | None) -> dict[str, Any]:
    return {
        **_isolation(spec, seccomp),
        **_limits(spec),
        "Tmpfs": _tmpfs(spec, ids.slot),
        "Mounts": _mounts(spec, ids),
        "AutoRemove": True,
        "Init": False,
        "LogConfig": {"Type": "none"},
        "RestartPolicy": {"Name": "no"},
        "Runtime": spec.runtime or "",
    }


def _isolation(spec: SessionSpec, seccomp: str | None) -> dict[str, Any]:
    return {
        "Privileged": False,
        "ReadonlyRootfs": True,
        "ReadonlyPaths": list(_READ_ONLY_PATHS),
        "CapAdd": [],
        "CapDrop": ["ALL"],
        "SecurityOpt": _security_options(spec, seccomp),
        # Docker has no part in a session's network: with a network of Docker's, its own resolver, which is root and
        # outside the slice, answers at 127.0.0.11 whatever resolv.conf says.
        "NetworkMode": "none",
        "IpcMode": "private",
        "PidMode": "",
        "UTSMode": "",
        "UsernsMode": "",
        "CgroupnsMode": "private",
        "Devices": [],
        "PublishAllPorts": False,
        # Docker opens ICMP sockets to every group; an empty range closes them.
        "Sysctls": {"net.ipv4.ping_group_range": "1 0"},
    }


def _limits(spec: SessionSpec) -> dict[str, Any]:
    return {
        "PidsLimit": spec.pids,
        "Memory": spec.memory,
        # Memory and swap together: equal means no swap.
        "MemorySwap": spec.memory,
        "NanoCpus": spec.nano_cpus,
        "CgroupParent": SLICE,
        "OomScoreAdj": OOM_SCORE_ADJ_PAUSE,
        "ShmSize": spec.shm_size,
        "Ulimits": [{"Name": name, "Soft": limit, "Hard": limit} for name, limit in sorted(spec.ulimits.items())],
    }


def _security_options(spec: SessionSpec, seccomp: str | None) -> list[str]:
    options = ["no-new-privileges=true"]
    if seccomp is not None:
        options.append(f"seccomp={seccomp}")
    apparmor = spec.part(AppArmor)
    if apparmor is not None:
        options.append(f"apparmor={apparmor.profile}")
    return options


def _tmpfs(spec: SessionSpec, slot: int) -> dict[str, str]:
    uid = spec.uid(slot)
    mounts = {target: tmpfs.options(uid, uid) for target, tmpfs in sorted(spec.tmpfs.items())}
    if isinstance(spec.home, Tmpfs):
        mounts[spec.data_directory] = spec.home.options(uid, uid)
    return mounts


def _mounts(spec: SessionSpec, ids: SessionIds) -> list[dict[str, Any]]:
    """Binds go as Mounts, not Binds: with those, Docker makes a folder where the source is missing."""
    generated = tuple(Bind(f"{ids.files}/{name}", f"/etc/{name}") for name in render_session_files(spec, ids.slot))
    binds = (Bind(spec.pause_program, PAUSE_TARGET), *generated, *spec.binds)
    mounts: list[dict[str, Any]] = [
        {"Type": "bind", "Source": bind.source, "Target": bind.target, "ReadOnly": True} for bind in binds
    ]
    if isinstance(spec.home, HomeVolume):
        mounts.append(
            {
                "Type": "volume",
                "Source": spec.home.name,
                "Target": spec.data_directory,
                "ReadOnly": False,
                "VolumeOptions": {"NoCopy": True},
            }
        )
    return mounts
