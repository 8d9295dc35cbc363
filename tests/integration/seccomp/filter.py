"""Makes a filter of a profile as a runtime does, by the real libseccomp, and loads it into children."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import platform
import signal
from collections.abc import Callable
from typing import Any

ACTIONS = {"SCMP_ACT_KILL_PROCESS": 0x80000000, "SCMP_ACT_LOG": 0x7FFC0000, "SCMP_ACT_ALLOW": 0x7FFF0000}
ERRNO = 0x00050000
OPERATORS = {"SCMP_CMP_EQ": 4, "SCMP_CMP_MASKED_EQ": 7}
PR_SET_NO_NEW_PRIVS = 38
SET_MODE_FILTER = 1
FLAG_LOG = 2
SECCOMP_CALL = {"x86_64": 317, "aarch64": 277}[platform.machine()]

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


class Comparison(ctypes.Structure):
    """struct scmp_arg_cmp"""

    _fields_ = (
        ("argument", ctypes.c_uint), ("operator", ctypes.c_int), ("first", ctypes.c_uint64), ("second", ctypes.c_uint64)
    )  # fmt: skip


class Program(ctypes.Structure):
    """struct sock_fprog"""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def library() -> Any:
    found = ctypes.CDLL("libseccomp.so.2")
    found.seccomp_init.restype = ctypes.c_void_p
    found.seccomp_init.argtypes = (ctypes.c_uint32,)
    found.seccomp_export_bpf.argtypes = (ctypes.c_void_p, ctypes.c_int)
    found.seccomp_release.argtypes = (ctypes.c_void_p,)
    found.seccomp_rule_add_array.argtypes = (
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(Comparison)
    )  # fmt: skip
    return found


def action_of(entry: dict[str, Any], name: str = "action", number: str = "errnoRet") -> int:
    return ERRNO | entry[number] if entry[name] == "SCMP_ACT_ERRNO" else ACTIONS[entry[name]]


def number_of(name: str) -> int:
    return int(library().seccomp_syscall_resolve_name(name.encode()))


def compile_profile(text: str) -> bytes:
    """The kernel's own form. Every call must be one that the library knows, and every rule one that it takes."""
    profile, seccomp = json.loads(text), library()
    context = seccomp.seccomp_init(action_of(profile, "defaultAction", "defaultErrnoRet"))
    for entry in profile["syscalls"]:
        arguments = entry.get("args", ())
        comparisons = (Comparison * len(arguments))(
            *(Comparison(a["index"], OPERATORS[a["op"]], a["value"], a["valueTwo"]) for a in arguments)
        )
        for name in entry["names"]:
            number = number_of(name)
            assert number >= 0, name
            done = seccomp.seccomp_rule_add_array(context, action_of(entry), number, len(arguments), comparisons)
            assert done == 0, (name, arguments, os.strerror(-done))
    with os.fdopen(os.memfd_create("filter"), "r+b") as file:
        assert seccomp.seccomp_export_bpf(context, file.fileno()) == 0
        seccomp.seccomp_release(context)
        file.seek(0)
        return file.read()


def load(instructions: bytes, logs: bool = False) -> None:
    """Into this process, for good."""
    program = Program(len(instructions) // 8, instructions)
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert call(SECCOMP_CALL, SET_MODE_FILTER, FLAG_LOG if logs else 0, ctypes.addressof(program)) == 0


def call(number: int, *arguments: int) -> int:
    """As the kernel gets it: 64 bits in each argument."""
    return int(libc.syscall(ctypes.c_long(number), *(ctypes.c_ulong(argument) for argument in arguments)))


def named_call(name: str, *arguments: int) -> Callable[[], int]:
    number = number_of(name)
    return lambda: call(number, *arguments)


def outcome(attempt: Callable[[], int], instructions: bytes | None, uid: int = 0, logs: bool = False) -> str:
    """`done`, the errno's name, or `killed`, of a child that first loads the filter."""
    child = os.fork()
    if child == 0:
        status = 99
        try:
            os.setgroups([])
            os.setresuid(uid, uid, uid)
            if instructions is not None:
                load(instructions, logs)
            ctypes.set_errno(0)
            status = ctypes.get_errno() if attempt() == -1 else 0
        finally:
            os._exit(status)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return "killed" if os.WTERMSIG(status) == signal.SIGSYS else f"signal {os.WTERMSIG(status)}"
    return errno.errorcode.get(os.WEXITSTATUS(status), "done")
