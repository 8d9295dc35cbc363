"""What is read of the kernel's items, under a root of the test's own and, where it has to be, of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.kernel.control import MODULE_RULES
from ansible_collections.ably.sandbox.plugins.module_utils._controls.kernel.descriptor import KERNEL
from ansible_collections.ably.sandbox.plugins.module_utils._controls.kernel.items import MODULES
from ansible_collections.ably.sandbox.plugins.module_utils._engine.ledger import Ledger, fold
from ansible_collections.ably.sandbox.plugins.module_utils._engine.records import Applied, Remembered, Wrote
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Resource
from ansible_collections.ably.sandbox.plugins.module_utils._system.kernel_reader import KernelReader
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.tests.states import present

NETLINK = """\
sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
0000000000000000 0   60         00000000 0        0        0     2        0        6000
0000000000000000 6   0          00000000 0        0        0     2        0        6200
0000000000000000 6   2034567890 00000000 0        0        0     2        0        6000
0000000000000000 6   61         00000000 0        0        0     2        0        6100
"""
IN_A_NAMESPACE = """\
import ctypes, os, sys
os.setgid(4242); os.setuid(4242)
if ctypes.CDLL(None, use_errno=True).unshare(0x10000000): sys.exit(os.strerror(ctypes.get_errno()))
print("there", flush=True); sys.stdin.read()
"""


def write(root: Path, path: str, text: str) -> None:
    (root / path.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
    (root / path.lstrip("/")).write_text(text)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, "/proc/modules", "af_alg 36864 1 - Live 0x0\nxfrm_user 61440 2 - Live 0x0\n")
    write(tmp_path, "/proc/1/net/netlink", NETLINK)
    for number, name in ((60, "dockerd"), (61, "charon")):
        write(tmp_path, f"/proc/{number}/comm", f"{name}\n")
        (tmp_path / f"proc/{number}/fd").mkdir()
        (tmp_path / f"proc/{number}/fd/7").symlink_to(f"socket:[{number}00]")
    write(tmp_path, "/proc/sys/kernel/io_uring_disabled", "0\n")
    write(tmp_path, "/proc/sys/kernel/dmesg_restrict", "1\n")
    write(
        tmp_path,
        f"/lib/modules/{os.uname().release}/modules.builtin",
        "kernel/net/can/can.ko\nkernel/fs/ext4/ext4.ko\n",
    )
    write(tmp_path, "/sys/block/dm-0/dm/uuid", "CRYPT-PLAIN-secret\n")
    write(tmp_path, "/sys/block/dm-0/dm/name", "secret\n")
    write(tmp_path, "/sys/block/dm-1/dm/uuid", "LVM-abc\n")
    write(tmp_path, "/proc/1/comm", "systemd\n")
    write(tmp_path, "/proc/70/comm", "bluetoothd\n")
    (tmp_path / "proc/70/exe").symlink_to("/usr/libexec/bluetooth/bluetoothd")
    # A session's: whatever it does is no use of the host's.
    write(tmp_path, "/proc/75/comm", "stranger\n")
    write(tmp_path, "/proc/75/cgroup", "0::/ably.slice/ably-sandbox.slice/docker-1.scope\n")
    (tmp_path / "proc/75/exe").symlink_to("/tmp/bluetoothd")
    (tmp_path / "proc/75/fd").mkdir()
    (tmp_path / "proc/75/fd/3").symlink_to("anon_inode:[io_uring]")
    for number, name, capabilities in ((80, "database", "0"), (90, "agent", "1ffffffffff")):
        write(tmp_path, f"/proc/{number}/comm", f"{name}\n")
        write(tmp_path, f"/proc/{number}/status", f"CapEff:\t{capabilities}\n")
        (tmp_path / f"proc/{number}/fd").mkdir()
        (tmp_path / f"proc/{number}/fd/5").symlink_to("anon_inode:[io_uring]")
    return tmp_path


def test_a_host_is_read(root: Path) -> None:
    facts = KernelReader(Outside(str(root))).read()
    assert facts.loaded == {"af_alg": 1, "xfrm_user": 2}
    assert facts.uses["ipsec"] == ("charon (process 61) has a socket for IPsec",)
    assert "can" in facts.builtin
    assert facts.sysctls == {"kernel.io_uring_disabled": "0", "kernel.dmesg_restrict": "1"}
    uses = ["module af_alg has 1 user", "the dm-crypt mapping secret (cryptsetup)"]
    assert facts.uses["af_alg"] == (*uses, *(["Bluetooth (bluetoothd)"] if os.geteuid() == 0 else []))
    assert facts.uses["kernel.io_uring_disabled"] == ("database (process 80) has an io_uring",)


def test_a_parameter_that_is_closed_is_nobodys_loss(root: Path) -> None:
    write(root, "/proc/sys/kernel/io_uring_disabled", "1\n")
    assert "kernel.io_uring_disabled" not in KernelReader(Outside(str(root))).read().uses


def test_what_we_have_closed_is_known_from_ledger_and_file(root: Path) -> None:
    reader = KernelReader(Outside(str(root)))
    rules = [f"install {module} /bin/false\n" for module in MODULES["af_alg"].modules]
    write(root, MODULE_RULES, "".join(rules))
    sysctl, owner = Resource("sysctl", "kernel.io_uring_disabled"), KERNEL.owner
    wrote = Wrote(sysctl, present(value="1"))
    ledger = fold((Remembered(owner, sysctl, present(value="0")), wrote, Applied(owner)))
    assert reader.closed_items(ledger) == {"af_alg": "", "kernel.io_uring_disabled": "1"}
    assert reader.closed_items(Ledger()) == {}
    write(root, MODULE_RULES, "".join(rules[1:]))
    assert "af_alg" not in reader.closed_items(ledger)


def test_what_files_ask_for_is_read(root: Path) -> None:
    write(root, "/etc/modprobe.d/00-a.conf", "install sctp load-sctp\n")
    write(root, "/etc/modprobe.d/esp.conf", "install esp4 load-esp\ninstall rds /bin/true\n")
    write(root, "/usr/lib/modprobe.d/esp.conf", "install tipc hidden by the other file of the name\n")
    write(root, MODULE_RULES, "install tipc no\n")
    write(root, "/etc/sysctl.d/99-rootless.conf", "kernel.unprivileged_userns_clone = 1\n")
    write(root, "/etc/modules-load.d/l2tp.conf", "l2tp_ppp\n")
    facts = KernelReader(Outside(str(root))).read()
    assert facts.before_ours == {"sctp": ("/etc/modprobe.d/00-a.conf has a command for sctp: load-sctp",)}
    assert "/etc/modprobe.d/esp.conf has a command for esp4: load-esp" in facts.uses["ipsec"]
    assert facts.uses["l2tp"] == ("/etc/modules-load.d/l2tp.conf loads l2tp_ppp",)
    assert facts.uses["kernel.unprivileged_userns_clone"] == ("/etc/sysctl.d/99-rootless.conf sets it to 1",)
    assert not {"rds", "tipc"} & set(facts.uses)


def test_sctp_is_in_use_when_a_socket_of_it_is_open(root: Path) -> None:
    write(root, "/proc/modules", "sctp 36864 4 - Live 0x0\n")
    write(root, "/proc/net/sctp/eps", " ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS\n")
    assert "sctp" not in KernelReader(Outside(str(root))).read().uses
    write(root, "/proc/net/sctp/eps", " ENDPT     SOCK\n 1 2 3\n")
    assert KernelReader(Outside(str(root))).read().uses["sctp"] == ("sockets of it are open",)


@pytest.mark.skipif(os.geteuid() != 0, reason="another account's process is root's to start")
def test_a_user_namespace_of_another_account_is_found() -> None:
    """Of this machine: what a namespace's owner is, only the kernel can say."""
    reader = KernelReader(Outside())
    open_ones = {"kernel.unprivileged_userns_clone"}
    with subprocess.Popen((sys.executable, "-c", IN_A_NAMESPACE), stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "there\n"
        found = [use for _unused, use in reader._process_uses(open_ones)]
        process.stdin.close()
    assert [use for use in found if use.startswith("python") and use.endswith("in a user namespace of uid 4242")]
    assert not [use for _unused, use in reader._process_uses(open_ones) if "uid 4242" in use]
