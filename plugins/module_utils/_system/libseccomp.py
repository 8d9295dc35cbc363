"""What the host's own libseccomp knows of system calls: the library by which the runtime makes its filters."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable

from .._engine.errors import SandboxError

_LIBRARY = "libseccomp.so.2"
# seccomp.h: a name that the library does not know. Others below zero are of another architecture.
_NATIVE = 0


class SystemCalls:
    """Names and numbers of this machine's architecture. Raises SandboxError where there is no libseccomp."""

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL(_LIBRARY)
        except OSError as error:
            raise SandboxError(f"{_LIBRARY}: cannot be loaded: {error}", "install libseccomp2, or crun") from error
        self._library.seccomp_syscall_resolve_num_arch.restype = ctypes.c_void_p
        self._library.seccomp_syscall_resolve_num_arch.argtypes = (ctypes.c_uint32, ctypes.c_int)
        self._library.seccomp_syscall_resolve_name.argtypes = (ctypes.c_char_p,)
        self._free = ctypes.CDLL(None).free
        self._free.argtypes = (ctypes.c_void_p,)

    def number(self, name: str) -> int | None:
        """None when this architecture has no such call, or the library does not know it."""
        found = int(self._library.seccomp_syscall_resolve_name(name.encode("ascii")))
        return None if found < 0 else found

    def known(self, names: Iterable[str]) -> frozenset[str]:
        return frozenset(name for name in names if self.number(name) is not None)

    def name(self, number: int) -> str | None:
        """None for a number without a name, such as those of x32."""
        found = self._library.seccomp_syscall_resolve_num_arch(_NATIVE, number)
        if not found:
            return None
        text = ctypes.string_at(found).decode("ascii")
        self._free(found)
        return text
