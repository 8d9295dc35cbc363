"""Parts of the kernel that no session needs, by the name under which an operator can leave each out. Pure.

A module that cannot be loaded cannot be reached through the socket that would load it. Sources: Linux 6.12,
Documentation/admin-guide/sysctl/kernel.rst, net/*/af_*.c; modprobe.d(5).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ..._engine.errors import SandboxError
from ..._formats.kmod import parse_modules


@dataclass(frozen=True)
class ModuleItem:
    """Kernel modules that belong together, as lsmod has their names."""

    modules: tuple[str, ...]


@dataclass(frozen=True)
class SysctlItem:
    """A kernel parameter: the values that close it, the first of which is written where another one is found."""

    closed: tuple[str, ...]


MODULES: Mapping[str, ModuleItem] = {
    # Ciphers of the kernel by a socket, CVE-2026-31431, and by netlink.
    "af_alg": ModuleItem(("af_alg", "algif_aead", "algif_hash", "algif_rng", "algif_skcipher", "crypto_user")),
    # Its keys by netlink and PF_KEY, and the protocols themselves: CVE-2026-43284.
    "ipsec": ModuleItem(
        (
            *("af_key", "ah4", "ah6", "esp4", "esp4_offload", "esp6", "esp6_offload", "ipcomp", "ipcomp6"),
            *("xfrm_interface", "xfrm_ipcomp", "xfrm_user"),
        )
    ),
    # CVE-2026-43500.
    "rxrpc": ModuleItem(("kafs", "rxrpc")),
    # Protocols with a history, loaded by whoever asks for their sockets.
    "appletalk": ModuleItem(("appletalk",)),
    "atm": ModuleItem(("atm",)),
    "ax25": ModuleItem(("ax25", "netrom", "rose")),
    "can": ModuleItem(("can", "can_bcm", "can_gw", "can_isotp", "can_j1939", "can_raw")),
    "dccp": ModuleItem(("dccp", "dccp_diag", "dccp_ipv4", "dccp_ipv6")),
    "ieee802154": ModuleItem(("ieee802154_socket",)),
    "kcm": ModuleItem(("kcm",)),
    "l2tp": ModuleItem(("l2tp_core", "l2tp_eth", "l2tp_ip", "l2tp_ip6", "l2tp_netlink", "l2tp_ppp")),
    "llc2": ModuleItem(("llc2",)),
    "mpls": ModuleItem(("mpls_iptunnel", "mpls_router")),
    "nfc": ModuleItem(("nfc",)),
    "phonet": ModuleItem(("phonet",)),
    "rds": ModuleItem(("rds", "rds_rdma", "rds_tcp")),
    "sctp": ModuleItem(("sctp", "sctp_diag")),
    "smc": ModuleItem(("smc", "smc_diag")),
    "tipc": ModuleItem(("tipc",)),
    "x25": ModuleItem(("x25",)),
}
SYSCTLS: Mapping[str, SysctlItem] = {
    # Line disciplines, which an ioctl on a terminal loads.
    "dev.tty.ldisc_autoload": SysctlItem(("0",)),
    "dev.tty.legacy_tiocsti": SysctlItem(("0",)),
    "kernel.dmesg_restrict": SysctlItem(("1",)),
    "kernel.io_uring_disabled": SysctlItem(("1", "2")),
    "kernel.kptr_restrict": SysctlItem(("1", "2")),
    # 1 cannot be taken back before a reboot, so it is 2 that is written.
    "kernel.unprivileged_bpf_disabled": SysctlItem(("2", "1")),
    # Debian's own.
    "kernel.unprivileged_userns_clone": SysctlItem(("0",)),
}
ITEMS: Sequence[str] = (*sorted(MODULES), *sorted(SYSCTLS))


def check_items(key: str, names: Collection[str]) -> None:
    """Raises SandboxError for a name that is no item's."""
    unknown = sorted(set(names) - set(ITEMS))
    if unknown:
        raise SandboxError(f"{key}: expected names of items, found {unknown[0]!r}", f"the items: {', '.join(ITEMS)}")


def closed_modules(left_out: Collection[str]) -> tuple[str, ...]:
    return tuple(module for name, item in MODULES.items() if name not in left_out for module in item.modules)


def closed_sysctls(left_out: Collection[str], there: Mapping[str, str], written: Mapping[str, str]) -> dict[str, str]:
    """Name to value, of those that this kernel has. `there`: their values; `written`: what we wrote before.

    One that was closed when we came stays as it was.
    """
    return {
        name: written.get(name) or (there[name] if there[name] in item.closed else item.closed[0])
        for name, item in SYSCTLS.items()
        if name in there and name not in left_out
    }


def is_closed(name: str, value: str) -> bool:
    """Whether the parameter closes its item with this value."""
    return name in SYSCTLS and value in SYSCTLS[name].closed


@dataclass(frozen=True)
class KernelFacts:
    """What a host's kernel has of the items, and what uses them.

    `loaded`: module to the number of its users that are not modules of the same item. `builtin`: modules that are part
    of the kernel. `sysctls`: those of ours that it has, with their values. `uses`: item to what uses it on the host.
    `before_ours`: item to what files say of it that modprobe reads before ours, and that counts.
    """

    loaded: Mapping[str, int]
    builtin: frozenset[str]
    sysctls: Mapping[str, str]
    uses: Mapping[str, tuple[str, ...]]
    before_ours: Mapping[str, tuple[str, ...]]


# Of a host that was not asked.
NOTHING = KernelFacts({}, frozenset(), dict.fromkeys(SYSCTLS, ""), {}, {})


def describe_gaps(left_out: Collection[str], facts: KernelFacts) -> tuple[str, ...]:
    """What is not closed by this boot, or cannot be on this kernel."""
    gaps = []
    for name in (name for name in MODULES if name not in left_out):
        modules = MODULES[name].modules
        builtin = [module for module in modules if module in facts.builtin]
        loaded = [module for module in modules if module in facts.loaded and module not in facts.builtin]
        if builtin:
            gaps.append(f"{name}: not possible here, {', '.join(builtin)} is part of this kernel")
        if loaded:
            gaps.append(f"{name}: in effect after a reboot, {', '.join(loaded)} is loaded already")
    absent = (name for name in SYSCTLS if name not in left_out and name not in facts.sysctls)
    return (*gaps, *(f"{name}: not possible here, this kernel does not have it" for name in absent))


def count_users(text: str) -> dict[str, int]:
    """Of each of our modules that is loaded, from /proc/modules: its users but for modules of the same item."""
    there = parse_modules(text)
    return {
        module: there[module][0] - sum(user in item.modules for user in there[module][1])
        for item in MODULES.values()
        for module in item.modules
        if module in there
    }


def printable(text: str) -> str:
    """A name that anybody may have chosen, as it can be shown on one line."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
