"""Each layer by itself: with all the others switched off it stops the attempt, and says so in the kernel's log.

Capabilities, a read-only root and noexec refuse without a word; what they refused can be told from the answer alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from support.attack import attack
from support.host import Host

LAYERS = ("capabilities", "seccomp", "apparmor", "read-only", "noexec")

ATTEMPT = """
import ctypes, errno, os, shutil, socket
libc = ctypes.CDLL(None, use_errno=True)
def attempt():
    {attempt}
try:
    attempt()
    print('DONE')
except OSError as error:
    print(errno.errorcode[error.errno])
"""
RAW = "socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)"
MOUNT = "if libc.mount(b'none', b'/tmp', b'tmpfs', 0, None): raise OSError(ctypes.get_errno(), 'mount')"
WRITE = "open('/etc/ably-sandbox-was-here', 'w').close()"
EXECUTE = (
    "shutil.copy('/usr/bin/true', '/tmp/true'); pid = os.posix_spawn('/tmp/true', ['true'], {});"
    " status = os.waitpid(pid, 0)[1]; assert status == 0, status"
)


@dataclass(frozen=True)
class Case:
    """An attempt, the capability that it needs, and the layer that is left to stop it."""

    program: str
    capability: str
    layer: str
    answer: str
    record: str


CASES = {
    "raw socket, capabilities": Case(RAW, "NET_RAW", "capabilities", "EPERM", ""),
    "raw socket, seccomp": Case(RAW, "NET_RAW", "seccomp", "EPERM", r"type=1326 .* uid={uid} .* syscall=41 "),
    "raw socket, apparmor": Case(
        RAW, "NET_RAW", "apparmor", "EACCES", r'type=1400 .*"DENIED" operation="create" .*sock_type="raw"'
    ),
    "mount, capabilities": Case(MOUNT, "SYS_ADMIN", "capabilities", "EPERM", ""),
    "mount, seccomp": Case(
        MOUNT, "SYS_ADMIN", "seccomp", "killed", r"type=1326 .* uid={uid} .* sig=31 .* syscall=165 "
    ),
    "mount, apparmor": Case(MOUNT, "SYS_ADMIN", "apparmor", "EACCES", r'type=1400 .*"DENIED" operation="mount"'),
    "write, read-only root": Case(WRITE, "", "read-only", "EROFS", ""),
    "write, apparmor": Case(
        WRITE, "", "apparmor", "EACCES", r'type=1400 .*"DENIED" operation="mknod" .*ably-sandbox-was-here.* fsuid={uid}'
    ),
    "execute, noexec": Case(EXECUTE, "", "noexec", "EACCES", ""),
    "execute, apparmor": Case(
        EXECUTE, "", "apparmor", "EACCES", r'type=1400 .*"DENIED" operation="exec" .*name="/tmp/true" .*fsuid={uid}'
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_alone(level2: Host, name: str) -> None:
    case = CASES[name]
    others = [layer for layer in LAYERS if layer != case.layer]
    found = attack(level2, ATTEMPT.format(attempt=case.program), others, case.capability)
    assert found.answer == case.answer, found
    if case.record:
        pattern = case.record.format(uid=found.uid)
        assert [line for line in found.records if re.search(pattern, line)], found.records


@pytest.mark.parametrize(
    ("program", "capability"), [(RAW, "NET_RAW"), (MOUNT, "SYS_ADMIN"), (WRITE, ""), (EXECUTE, "")]
)
def test_without_any_layer_the_attempt_succeeds(level2: Host, program: str, capability: str) -> None:
    """Else the tests above could not fail."""
    found = attack(level2, ATTEMPT.format(attempt=program), LAYERS, capability)
    assert found.answer == "DONE", found
