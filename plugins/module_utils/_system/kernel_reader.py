"""Reads what the kernel has of the items that the control `kernel` closes, and what on the host uses them.

Changes nothing, and loads no module: nothing is asked over a socket that would.
"""

from __future__ import annotations

import fcntl
import os
import platform
import posixpath
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator

from .._controls.kernel.control import MODULE_RULES, rule_of
from .._controls.kernel.descriptor import KERNEL
from .._controls.kernel.items import (
    MODULES,
    SYSCTLS,
    KernelFacts,
    count_users,
    is_closed,
    printable,
)
from .._controls.kernel.others_files import parse_commands, parse_parameters, parse_wanted
from .._controls.names import SLICE
from .._engine.ledger import Ledger
from .._engine.resources import Resource
from .._formats.kmod import parse_module_names
from .._formats.resource_facts import SysctlFacts, facts_of
from .configuration import list_files, list_sysctl_files
from .outside import Outside
from .reading import Reader

_NS_GET_OWNER_UID = 0xB704  # include/uapi/linux/nsfs.h
_CAP_SYS_ADMIN = 1 << 21
_RING = "anon_inode:[io_uring]"
_RINGS, _NAMESPACES = "kernel.io_uring_disabled", "kernel.unprivileged_userns_clone"
_NETLINK_XFRM = "6"
# Asks for it at each start, for encrypted overlay networks, and does without.
_ASKS_FOR_XFRM = "dockerd"
# Who has these is read elsewhere, netlink's sockets by process, sctp's by address: the kernel counts its own as users.
_COUNTED_ELSEWHERE = ("xfrm_user", "sctp", "sctp_diag")
_SCTP = ("/proc/net/sctp/eps", "/proc/net/sctp/assocs")
# What strangers run is no use that the host has of anything.
_SESSIONS = f"/{SLICE}/"

_Uses = Iterator["tuple[str, str]"]


class KernelReader:
    """The kernel under the outside's root."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._reader = Reader(outside)

    def read(self) -> KernelFacts:
        builtin = parse_module_names(self._reader.text(f"/lib/modules/{platform.release()}/modules.builtin"))
        loaded = count_users(self._reader.text("/proc/modules"))
        sysctls = self._sysctls()
        opened = {name for name, value in sysctls.items() if not is_closed(name, value)}
        uses = (
            *_module_uses(loaded),
            *self._rules(is_before_ours=False),
            *self._boot_uses(),
            *self._device_uses(),
            *self._process_uses(opened),
        )
        return KernelFacts(
            loaded=loaded,
            builtin=builtin,
            sysctls=sysctls,
            uses=_collect(uses),
            before_ours=_collect(self._rules(is_before_ours=True)),
        )

    def closed_items(self, ledger: Ledger) -> dict[str, str]:
        """Those that we have closed; of a parameter the value that we wrote."""
        if KERNEL.owner not in ledger.applied:
            return {}
        lines = set(self._reader.text(MODULE_RULES).splitlines())
        closed = {
            name: "" for name, item in MODULES.items() if all(rule_of(module) in lines for module in item.modules)
        }
        for name in SYSCTLS:
            memory = ledger.memory(Resource("sysctl", name))
            if memory is not None and memory.written:
                written = facts_of(SysctlFacts, memory.written[-1])
                closed[name] = written.value if written else ""
        return closed

    def _sysctls(self) -> dict[str, str]:
        """The parameters that can be closed, of those that this kernel has, with their values."""
        values = {name: self._reader.text("/proc/sys/" + name.replace(".", "/")).strip() for name in SYSCTLS}
        return {name: value for name, value in values.items() if value}

    def _rules(self, is_before_ours: bool) -> _Uses:
        """What others' files have modprobe do instead of loading a module."""
        ours = posixpath.basename(MODULE_RULES)
        for path in list_files(self._reader, "modprobe.d", ours):
            if (posixpath.basename(path) < ours) == is_before_ours:
                for item, command in parse_commands(self._reader.text(path)):
                    yield item, printable(f"{path} has a command for {command}")

    def _boot_uses(self) -> _Uses:
        """What others' files ask for at the next boot."""
        for path in list_sysctl_files(self._reader):
            for item, value in parse_parameters(self._reader.text(path)):
                yield item, printable(f"{path} sets it to {value}")
        for path in (*list_files(self._reader, "modules-load.d", ""), "/etc/modules"):
            for item, module in parse_wanted(self._reader.text(path)):
                yield item, printable(f"{path} loads {module}")

    def _device_uses(self) -> _Uses:
        for name in self._reader.names("/sys/block"):
            if self._reader.text(f"/sys/block/{name}/dm/uuid").startswith("CRYPT-"):
                mapping = printable(self._reader.text(f"/sys/block/{name}/dm/name").strip())
                yield "af_alg", f"the dm-crypt mapping {mapping} (cryptsetup)"
        for path in _SCTP:
            # The first line is the head of the table.
            if len(self._reader.text(path).splitlines()) > 1:
                yield "sctp", "sockets of it are open"

    def _process_uses(self, opened: set[str]) -> _Uses:
        processes = self._processes()
        own, sockets = self._reader.link("/proc/1/ns/user"), self._xfrm_sockets(processes)
        for process in processes:
            folder = f"/proc/{process}"
            name = printable(self._reader.text(f"{folder}/comm").strip("\n"))
            files = {self._reader.link(f"{folder}/fd/{number}") for number in self._reader.names(f"{folder}/fd")}
            # By its program: anybody may give a process a name.
            if self._reader.link(f"{folder}/exe").endswith("/bluetoothd") and self._is_roots(folder):
                yield "af_alg", "Bluetooth (bluetoothd)"
            if files & sockets and name != _ASKS_FOR_XFRM:
                yield "ipsec", f"{name} (process {process}) has a socket for IPsec"
            if _RINGS in opened and _RING in files and not self._is_administrator(folder, own):
                yield _RINGS, f"{name} (process {process}) has an io_uring"
            if _NAMESPACES in opened and self._reader.link(f"{folder}/ns/user") not in ("", own):
                owner = self._owner(folder)
                if owner:
                    yield _NAMESPACES, f"{name} is in a user namespace of uid {owner}"

    def _xfrm_sockets(self, processes: Iterable[str]) -> set[str]:
        """Of every network namespace, as the processes that have them see them; without the kernel's own."""
        seen, sockets = set(), set()
        for process in processes:
            namespace = self._reader.link(f"/proc/{process}/ns/net")
            if namespace in seen:
                continue
            seen.add(namespace)
            rows = [line.split() for line in self._reader.text(f"/proc/{process}/net/netlink").splitlines()]
            sockets |= {
                f"socket:[{row[9]}]" for row in rows if len(row) > 9 and row[1] == _NETLINK_XFRM and row[2] != "0"
            }
        return sockets

    def _is_administrator(self, folder: str, own: str) -> bool:
        """Whether the parameter does not hold the process."""
        for line in self._reader.text(f"{folder}/status").splitlines():
            if line.startswith("CapEff:"):
                return bool(int(line.split()[1], 16) & _CAP_SYS_ADMIN) and self._reader.link(f"{folder}/ns/user") == own
        return False

    def _is_roots(self, folder: str) -> bool:
        try:
            return os.stat(self._outside.path(folder)).st_uid == 0
        except OSError:
            return False

    def _owner(self, folder: str) -> int:
        """The uid that made the process's user namespace; 0 for root, and for one that has just ended."""
        try:
            descriptor = os.open(self._outside.path(f"{folder}/ns/user"), os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return 0
        try:
            answer = fcntl.ioctl(descriptor, _NS_GET_OWNER_UID, bytes(4))
        except OSError:
            return 0
        finally:
            os.close(descriptor)
        return int(struct.unpack("=I", answer)[0])

    def _processes(self) -> list[str]:
        """All but those of sessions."""
        found = (name for name in self._reader.names("/proc") if name.isdigit())
        return sorted((name for name in found if _SESSIONS not in self._reader.text(f"/proc/{name}/cgroup")), key=int)


def _module_uses(loaded: dict[str, int]) -> _Uses:
    for name, item in MODULES.items():
        for module in item.modules:
            if loaded.get(module, 0) > 0 and module not in _COUNTED_ELSEWHERE:
                yield name, f"module {module} has {loaded[module]} user{'s' if loaded[module] > 1 else ''}"


def _collect(found: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """By item, each once, in their order."""
    collected: dict[str, dict[str, None]] = defaultdict(dict)
    for item, text in found:
        collected[item][text] = None
    return {item: tuple(texts) for item, texts in collected.items()}
