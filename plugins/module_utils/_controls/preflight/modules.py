"""Whether the kernel has what the sessions' network, its filter and Docker need, or can load it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from ..problem import Problem

# Module to the option of a kernel's configuration that it is made by.
OPTIONS: Mapping[str, str] = {
    "nf_tables": "NF_TABLES",
    "nft_ct": "NFT_CT",
    "nft_limit": "NFT_LIMIT",
    "nft_log": "NFT_LOG",
    "nf_log_syslog": "NF_LOG_SYSLOG",
    "nft_connlimit": "NFT_CONNLIMIT",
    "nft_fib_inet": "NFT_FIB_INET",
    "nft_reject_inet": "NFT_REJECT_INET",
    "nft_meta_bridge": "NFT_BRIDGE_META",
    "bridge": "BRIDGE",
    "veth": "VETH",
    "overlay": "OVERLAY_FS",
}
MODULES = tuple(OPTIONS)
# Dockerd loads these by their names, which a blacklist does not keep it from. All others the kernel asks for itself.
LOADED_BY_NAME = ("bridge", "overlay")


@dataclass(frozen=True)
class ModuleFacts:
    """Of MODULES. `there`: loaded, or part of the kernel; `loadable`: by what modprobe says; `closed`: name to the line
    of others' that keeps it from being loaded.

    `has_folder`: of the running kernel; `has_configuration`: something says what is part of this kernel;
    `is_sealed`: no module can be loaded any more before the next boot.
    """

    there: Collection[str] = ()
    loadable: Collection[str] = ()
    closed: Mapping[str, str] = field(default_factory=dict)
    has_folder: bool = True
    has_configuration: bool = True
    is_sealed: bool = False


def find_problems_in_modules(facts: ModuleFacts, kernel: str) -> Iterator[Problem]:
    """What a working host has loaded is there. What it has not is told to it, where 0.1.0 did not look at it."""
    wanted = [name for name in MODULES if name not in facts.there]
    missing = [name for name in wanted if name not in facts.loadable]
    if missing:
        yield _missing(facts, kernel, ", ".join(missing))
    can_be = [name for name in wanted if name not in missing]
    if facts.is_sealed and can_be:
        names = ", ".join(can_be)
        next_step = f"name {names} in a file in /etc/modules-load.d, so that they come before that is set, and reboot"
        observed = f"no {names}, and kernel.modules_disabled is 1"
        yield Problem("kernel modules", observed, "them loaded", next_step, spares_working_hosts=True)
    for name in (name for name in can_be if name in facts.closed):
        next_step = f"take that line out: the sandbox needs {name}"
        yield Problem(
            f"kernel module {name}", facts.closed[name], "that it can be loaded", next_step, spares_working_hosts=True
        )


def _missing(facts: ModuleFacts, kernel: str, names: str) -> Problem:
    if facts.has_folder:
        return Problem("kernel modules", f"no {names}", ", ".join(MODULES), "use Debian's own kernel")
    what = f"modules of kernel {kernel}"
    if facts.has_configuration:
        observed, next_step = f"no folder, and a kernel without {names}", "reboot into the installed kernel"
        return Problem(what, observed, f"them in /lib/modules/{kernel}, or in the kernel", next_step)
    observed = f"no folder, and nothing that says whether {names} is part of the kernel"
    next_step = (
        f"reboot into the installed kernel; for one without modules put its configuration at /boot/config-{kernel}"
    )
    return Problem(what, observed, f"/lib/modules/{kernel}, /proc/config.gz or /boot/config-{kernel}", next_step)
