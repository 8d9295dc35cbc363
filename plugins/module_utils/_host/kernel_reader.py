"""Reads what the kernel has of the items that the control `kernel` closes, and what on the host uses them.

Changes nothing, and loads no module: nothing is asked over a socket that would.
"""

from __future__ import annotations

import fcntl
import os
import platform
import struct
from collections import defaultdict
from collections.abc import Iterator

from .._core.ledger import Ledger
from .._core.resources import Resource
from .._domain.host_facts import parse_module_names
from .._domain.kernel_control import COMMAND, MODULE_RULES
from .._domain.kernel_items import MODULES, SYSCTLS, KernelFacts, count_users, is_closed, parse_commands
from .._domain.phases import owner_of
from .commands import run_command
from .outside import Outside
from .programs import find_program

_NS_GET_OWNER_UID = 0xB704  # include/uapi/linux/nsfs.h
_CAP_SYS_ADMIN = 1 << 21
_RING = "anon_inode:[io_uring]"
_RINGS, _NAMESPACES = "kernel.io_uring_disabled", "kernel.unprivileged_userns_clone"
_XFRM, _NETLINK_XFRM = "xfrm_user", "6"
# Asks for it at each start, for encrypted overlay networks, and does without.
_ASKS_FOR_XFRM = "dockerd"


class KernelReader:
    """The kernel under the outside's root; modprobe is this machine's own."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def read(self) -> KernelFacts:
        builtin = parse_module_names(self._text(f"/lib/modules/{platform.release()}/modules.builtin"))
        loaded = count_users(self._text("/proc/modules"))
        commands = self._commands()
        sysctls = self.sysctls()
        uses: dict[str, list[str]] = defaultdict(list)
        for item, use in (*_module_uses(loaded, commands), *self._cipher_uses(), *self._process_uses(sysctls)):
            if use not in uses[item]:
                uses[item].append(use)
        return KernelFacts(
            loaded=loaded,
            builtin=builtin,
            sysctls=sysctls,
            uses={item: tuple(found) for item, found in uses.items()},
            commands=commands,
        )

    def sysctls(self) -> dict[str, str]:
        """The parameters that can be closed, of those that this kernel has, with their values."""
        values = {name: self._text("/proc/sys/" + name.replace(".", "/")).strip() for name in SYSCTLS}
        return {name: value for name, value in values.items() if value}

    def closed_items(self, ledger: Ledger) -> frozenset[str]:
        """Those that we have closed."""
        if owner_of("kernel") not in ledger.applied:
            return frozenset()
        lines = set(self._text(MODULE_RULES).splitlines())
        modules = {name for name, item in MODULES.items() if f"install {item.modules[0]} {COMMAND}" in lines}
        return frozenset(modules | {name for name in SYSCTLS if Resource("sysctl", name) in ledger.memories})

    def _commands(self) -> dict[str, str]:
        if find_program("modprobe") is None:
            return {}
        return parse_commands(run_command(("modprobe", "--showconfig")).out)

    def _cipher_uses(self) -> Iterator[tuple[str, str]]:
        """Programs that ask the kernel for ciphers when they feel like it: no socket is open meanwhile."""
        for name in self._list("/sys/block"):
            if self._text(f"/sys/block/{name}/dm/uuid").startswith("CRYPT-"):
                yield "af_alg", f"the dm-crypt mapping {self._text(f'/sys/block/{name}/dm/name').strip()} (cryptsetup)"
        for process in self._processes():
            if self._text(f"/proc/{process}/comm").strip() == "bluetoothd":
                yield "af_alg", "Bluetooth (bluetoothd)"

    def _process_uses(self, sysctls: dict[str, str]) -> Iterator[tuple[str, str]]:
        opened = {name for name, value in sysctls.items() if not is_closed(name, value)}
        ours, sockets = self._link("/proc/1/ns/user"), self._xfrm_sockets()
        for process in self._processes():
            name = self._text(f"/proc/{process}/comm").strip()
            files = {self._link(f"/proc/{process}/fd/{number}") for number in self._list(f"/proc/{process}/fd")}
            if files & sockets and name != _ASKS_FOR_XFRM:
                yield "ipsec", f"{name} (process {process}) has a socket for IPsec"
            if _RINGS in opened and _RING in files and not self._is_administrator(process):
                yield _RINGS, f"{name} (process {process}) has an io_uring"
            if _NAMESPACES in opened and self._link(f"/proc/{process}/ns/user") not in ("", ours):
                owner = self._owner(process)
                if owner:
                    yield _NAMESPACES, f"{name} is in a user namespace of uid {owner}"

    def _xfrm_sockets(self) -> set[str]:
        """As the processes that have them see them; without the kernel's own."""
        rows = [line.split() for line in self._text("/proc/net/netlink").splitlines()]
        return {f"socket:[{row[9]}]" for row in rows if len(row) > 9 and row[1] == _NETLINK_XFRM and row[2] != "0"}

    def _is_administrator(self, process: str) -> bool:
        """Whether the parameter does not hold it."""
        for line in self._text(f"/proc/{process}/status").splitlines():
            if line.startswith("CapEff:"):
                return bool(int(line.split()[1], 16) & _CAP_SYS_ADMIN) and self._link(
                    f"/proc/{process}/ns/user"
                ) == self._link("/proc/1/ns/user")
        return False

    def _owner(self, process: str) -> int:
        """The uid that made the process's user namespace; 0 for root, and for one that has just ended."""
        try:
            descriptor = os.open(self._outside.path(f"/proc/{process}/ns/user"), os.O_RDONLY | os.O_CLOEXEC)
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
        return sorted((name for name in self._list("/proc") if name.isdigit()), key=int)

    def _list(self, path: str) -> list[str]:
        try:
            return os.listdir(self._outside.path(path))
        except OSError:
            return []

    def _link(self, path: str) -> str:
        """Where a link leads; empty where there is none, or its process has just ended."""
        try:
            return os.readlink(self._outside.path(path))
        except OSError:
            return ""

    def _text(self, path: str) -> str:
        """A file's text; empty where there is none, or its process has just ended."""
        try:
            with open(self._outside.path(path), encoding="utf-8", errors="surrogateescape") as file:
                return file.read()
        except OSError:
            return ""


def _module_uses(loaded: dict[str, int], commands: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, item in MODULES.items():
        for module in item.modules:
            # Of its sockets it is known who has them.
            if loaded.get(module, 0) > 0 and module != _XFRM:
                yield name, f"module {module} has {loaded[module]} user{'s' if loaded[module] > 1 else ''}"
            if commands.get(module, COMMAND) != COMMAND:
                yield name, f"modprobe has a command for {module}: {commands[module]}"
