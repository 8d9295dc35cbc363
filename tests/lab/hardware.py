"""QEMU's command line: the machine that tests run on. Pure."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from .settings import ACCELERATORS

GUEST_ADDRESS = "10.0.2.15"
CACHE_ADDRESS = "10.0.2.100"
# panic=1: an emulated processor now and then runs an instruction that the kernel has just patched out (seen once in
# twenty boots, on a busy controller: "Oops: int3" as the kernel switches clocks). The boot then starts over by itself.
# tsc=reliable: no second clock is held against the first, which stands still from a snapshot to its restoration.
# mitigations=off, init_on_alloc=0: what they cost is more than elsewhere, and nothing here depends on them.
KERNEL_ARGUMENTS = (
    "root=/dev/vda rw console=ttyS0 quiet net.ifnames=0 apparmor=1 security=apparmor panic=1 tsc=reliable "
    "mitigations=off init_on_alloc=0 "
    "fsck.mode=skip systemd.show_status=no systemd.mask=systemd-vconsole-setup.service"
)
# Everything that QEMU can emulate, but: fast string instructions, which it makes byte by byte while the kernel and libc
# take them for the fastest way to copy, and a fifth level of page tables, one more to walk.
CPU = "max,-erms,-fsrm,-la57"


@dataclass(frozen=True)
class Hardware:
    """Everything that QEMU's command line depends on."""

    accelerator: str
    processors: int
    kernel: Path
    initrd: Path
    disk: Path
    package_server: tuple[str, ...]  # a command that serves one connection over stdin and stdout
    console_log: Path
    monitor: Path
    ssh_port: int


def _escape(value: object) -> str:
    """QEMU's options are separated by commas; a doubled one stands for itself."""
    return str(value).replace(",", ",,")


def command_line(hardware: Hardware, *, snapshot: str | None = None) -> list[str]:
    """The arguments that start the machine: cold, or in the middle of a snapshot.

    The network is closed (`restrict=on`) but for ssh from loopback and the package cache. Snapshots load only into
    the same hardware, so this list is part of a machine's identity.
    """
    network = (
        "user,id=net,ipv6=off,restrict=on"
        f",hostfwd=tcp:127.0.0.1:{hardware.ssh_port}-{GUEST_ADDRESS}:22"
        f",guestfwd=tcp:{CACHE_ADDRESS}:80-cmd:{_escape(shlex.join(hardware.package_server))}"
    )
    # fmt: off
    arguments = [
        "qemu-system-x86_64", "-name", "ably-sandbox-lab", "-nodefaults", "-no-user-config", "-display", "none",
        "-machine", "q35", "-accel", ACCELERATORS[hardware.accelerator],
        "-cpu", CPU, "-smp", str(hardware.processors), "-m", "4096",
        "-kernel", str(hardware.kernel), "-initrd", str(hardware.initrd), "-append", KERNEL_ARGUMENTS,
        # writeback: the guest's flushes are honoured, so that a killed QEMU is an honest power cut.
        "-drive", f"if=none,id=disk,format=qcow2,cache=writeback,discard=unmap,file={_escape(hardware.disk)}",
        "-device", "virtio-blk-pci,drive=disk", "-device", "virtio-rng-pci",
        "-netdev", network, "-device", "virtio-net-pci,netdev=net,romfile=",
        "-chardev", f"file,id=console,append=on,path={_escape(hardware.console_log)}", "-serial", "chardev:console",
        "-qmp", f"unix:{_escape(hardware.monitor)},server=on,wait=off",
    ]
    # fmt: on
    return [*arguments, "-loadvm", snapshot] if snapshot else arguments
