"""What the kernel says of a session, as text that somebody has read: what the controls' session checks judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .._formats.apparmor_facts import LoadedProfile


@dataclass(frozen=True)
class NetworkView:
    """What the kernel says. `net`: the files NET_FILES of the container's first process; `port`: the settings of the
    host's end of its wire; `bridge`: the bridge whose port that is, empty when it is none's, and `mac` its address.
    """

    net: Mapping[str, str] = field(default_factory=dict)
    port: Mapping[str, str] = field(default_factory=dict)
    bridge: str = ""
    mac: str = ""


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

    def has_own_namespace(self, name: str) -> bool:
        """One that is not the host's; what was not seen is not there."""
        own = self.process.namespaces.get(name)
        return bool(own) and own != self.host_namespaces.get(name, own)
