"""What the kernel does with the filter: children of root, so that nothing but the filter refuses them anything."""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import platform
import pty
import signal
import socket
import threading
from collections.abc import Callable

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.seccomp.profile import (
    SeccompPolicy,
    count_allowed,
    render_record_profile,
)
from ansible_collections.ably.sandbox.plugins.module_utils._system.libseccomp import SystemCalls
from ansible_collections.ably.sandbox.tests.integration.seccomp.filter import (
    call,
    compile_profile,
    named_call,
    number_of,
    outcome,
)
from ansible_collections.ably.sandbox.tests.role_data import CALLS
from ansible_collections.ably.sandbox.tests.support.system_calls import MOST_ALLOWED

HIGH = 1 << 32
UNIX, INET, INET6, NETLINK, PACKET, ALG, VSOCK = 1, 2, 10, 16, 17, 38, 40
STREAM, DGRAM, RAW, SEQPACKET = 1, 2, 3, 5
FLAGS = socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
TCP, UDP, ICMP, SCTP, MPTCP = 6, 17, 1, 132, 262
NEW_USER, NEW_NET, NEW_NS = 0x10000000, 0x40000000, 0x00020000
TIOCSTI, TIOCLINUX, TCGETS, TIOCGWINSZ, BLKGETSIZE = 0x5412, 0x541C, 0x5401, 0x5413, 0x1260
ON_X86_64 = pytest.mark.skipif(platform.machine() != "x86_64", reason="calls of x86-64 alone")
# int 0x80 with the number of getpid in the table of 32-bit calls, then return.
OLD_GATE = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"

Attempt = Callable[[], int]


def on_terminal(request: int) -> Attempt:
    """Root may type into its own terminal: what refuses that is the filter."""

    def attempt() -> int:
        _unused, slave = pty.openpty()
        os.setsid()
        fcntl.ioctl(slave, 0x540E, 0)
        return call(number_of("ioctl"), slave, request, ctypes.addressof(ctypes.create_string_buffer(b"x" * 256)))

    return attempt


def clone(flags: int) -> Attempt:
    def attempt() -> int:
        child = call(number_of("clone"), flags | signal.SIGCHLD, 0, 0, 0, 0)
        if child == 0:
            os._exit(0)
        if child > 0:
            os.waitpid(child, 0)
        return child

    return attempt


def honest() -> int:
    """Threads, a child, files, a pipe, a connection."""
    threads = [threading.Thread(target=os.getpid) for _unused in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(os.posix_spawn("/bin/true", ["true"], os.environ), 0)[1]) == 0
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        client.sendall(b"x")
        with server.accept()[0] as there:
            assert there.recv(1) == b"x"
    socket.getaddrinfo("localhost", 1)
    socket.if_nameindex()
    return len(os.listdir("/proc/self/fd"))


SOCKETS: dict[str, tuple[tuple[int, int, int], str]] = {
    "unix stream": ((UNIX, STREAM | FLAGS, 0), "done"),
    "unix datagram": ((UNIX, DGRAM, 0), "done"),
    "inet stream": ((INET, STREAM | FLAGS, 0), "done"),
    "inet tcp": ((INET, STREAM, TCP), "done"),
    "inet datagram": ((INET, DGRAM | FLAGS, 0), "done"),
    "inet udp": ((INET, DGRAM, UDP), "done"),
    "inet6 stream": ((INET6, STREAM | FLAGS, 0), "done"),
    "inet6 udp": ((INET6, DGRAM, UDP), "done"),
    "netlink route": ((NETLINK, RAW | socket.SOCK_CLOEXEC, 0), "done"),
    "unix, high bits": ((HIGH | UNIX, STREAM, 0), "EPERM"),
    "inet, high bits": ((HIGH | INET, STREAM, 0), "EPERM"),
    "protocol, high bits": ((INET, STREAM, HIGH), "EPERM"),
    "raw": ((INET, RAW, ICMP), "EPERM"),
    "raw with flags": ((INET, RAW | FLAGS, ICMP), "EPERM"),
    "raw, high bits in the type": ((INET, HIGH | RAW, ICMP), "EPERM"),
    "raw, high bits in the family": ((HIGH | INET, RAW, ICMP), "EPERM"),
    "raw inet6": ((INET6, RAW, 58), "EPERM"),
    "ping": ((INET, DGRAM, ICMP), "EPERM"),
    "sctp": ((INET, STREAM, SCTP), "EPERM"),
    "mptcp": ((INET, STREAM, MPTCP), "EPERM"),
    "seqpacket": ((INET, SEQPACKET, 0), "EPERM"),
    "packet": ((PACKET, RAW, 0x300), "EPERM"),
    "packet, high bits": ((HIGH | PACKET, RAW, 0x300), "EPERM"),
    "alg": ((ALG, SEQPACKET, 0), "EPERM"),
    "vsock": ((VSOCK, STREAM, 0), "EPERM"),
    "netlink audit": ((NETLINK, RAW, 9), "EPERM"),
    "netlink netfilter": ((NETLINK, RAW, 12), "EPERM"),
    "netlink netfilter, high bits": ((NETLINK, RAW, HIGH | 12), "EPERM"),
    "netlink route, high bits": ((HIGH | NETLINK, RAW, 0), "EPERM"),
}
ATTEMPTS: dict[str, tuple[Attempt, str]] = {
    **{f"socket: {name}": (named_call("socket", *values), answer) for name, (values, answer) in SOCKETS.items()},
    "honest work": (honest, "done"),
    "TCGETS": (on_terminal(TCGETS), "done"),
    "TIOCGWINSZ": (on_terminal(TIOCGWINSZ), "done"),
    "TIOCSTI": (on_terminal(TIOCSTI), "EPERM"),
    "TIOCSTI, high bits": (on_terminal(HIGH | TIOCSTI), "EPERM"),
    "TIOCLINUX": (on_terminal(TIOCLINUX), "EPERM"),
    "TCGETS, high bits": (on_terminal(HIGH | TCGETS), "EPERM"),
    "ioctl of a disk": (on_terminal(BLKGETSIZE), "EPERM"),
    "clone": (clone(0), "done"),
    "clone, user": (clone(NEW_USER), "EPERM"),
    "clone, network": (clone(NEW_NET), "EPERM"),
    "clone, mounts, high bits": (clone(HIGH | NEW_NS), "EPERM"),
    "clone3": (named_call("clone3", 0, 0), "ENOSYS"),
    "io_uring_setup": (named_call("io_uring_setup", 1, 0), "EPERM"),
    "io_uring_enter": (named_call("io_uring_enter", 0), "EPERM"),
    "PR_SET_NAME": (named_call("prctl", 15, 0), "EFAULT"),
    "PR_SET_DUMPABLE": (named_call("prctl", 4, 1), "EPERM"),
    "PR_SET_NAME, high bits": (named_call("prctl", HIGH | 15, 0), "EPERM"),
    "personality": (named_call("personality", 0x0040000), "EPERM"),
    "memfd_create": (named_call("memfd_create", 0, 0), "EPERM"),
    "a number that no call has": (lambda: call(900), "EPERM"),
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_attempt(instructions: bytes, name: str) -> None:
    attempt, answer = ATTEMPTS[name]
    assert outcome(attempt, instructions) == answer


@pytest.mark.parametrize("name", ["socket: raw", "socket: packet", "clone, user", "ioctl of a disk", "personality"])
def test_without_the_filter_it_is_not_eperm(profile: str, name: str) -> None:
    """Else the tests above could not fail."""
    assert outcome(ATTEMPTS[name][0], None) != "EPERM"


def test_every_tripwire_kills(profile: str, instructions: bytes) -> None:
    numbers = {name: number_of(name) for name in SystemCalls().known(CALLS.killed)}
    answers = {name: outcome(lambda n=number: call(n), instructions) for name, number in numbers.items()}  # type: ignore[misc]
    print(f"tripwires: {len(answers)}")
    assert {name: answer for name, answer in answers.items() if answer != "killed"} == {}
    assert len(answers) > 40


@ON_X86_64
def test_calls_of_x32_kill(instructions: bytes) -> None:
    assert outcome(lambda: call(0x40000000 | 39), instructions) == "killed"


def old_gate() -> int:
    memory = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(OLD_GATE)
    return int(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))())


@ON_X86_64
def test_calls_of_32_bits_kill(instructions: bytes) -> None:
    assert outcome(old_gate, instructions) == "killed"


def test_recording_does_what_is_refused_otherwise(profile: str) -> None:
    recording = compile_profile(render_record_profile(profile))
    assert outcome(named_call("personality", 0xFFFFFFFF), recording) == "done"
    assert outcome(named_call("io_uring_setup", 1, 0), recording) == "EPERM"
    assert outcome(named_call("clone3", 0, 0), recording) == "ENOSYS"
    assert outcome(named_call("mount"), recording) == "killed"


def test_the_budget_on_this_machine(profile: str) -> None:
    allowed = count_allowed(SeccompPolicy(CALLS, platform.machine(), SystemCalls().known(CALLS.names)))
    print(f"allowed: {allowed}")
    assert allowed <= MOST_ALLOWED
