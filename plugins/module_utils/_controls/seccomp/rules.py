"""Rules of the seccomp filter that look at arguments.

Every rule is a list of what is allowed, by equality: the filter compares 64 bits where the kernel uses 32, so "anything
but this value" lets the value through with a high bit set. Within a rule all conditions hold together, and libseccomp
takes one condition for an argument: whatever needs two is two rules.

Numbers: include/uapi/linux and asm-generic, the same on x86-64 and arm64.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_UNIX, _INET, _INET6, _NETLINK = 1, 2, 10, 16
_STREAM, _DGRAM = 1, 2
# Below these bits a socket's type carries flags: close on exec, do not block.
_TYPE_BITS = 0xF
_ANY_IP, _TCP, _UDP = 0, 6, 17
_ROUTE = 0
# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. A time namespace cannot be asked of clone.
_NAMESPACES = 0x7E020000

# Terminals and descriptors. Not TIOCSTI and TIOCLINUX, which type into a terminal in somebody's name; and no devices.
_IOCTLS = {
    "TCGETS": 0x5401,
    "TCSETS": 0x5402,
    "TCSETSW": 0x5403,
    "TCSETSF": 0x5404,
    "TCSBRK": 0x5409,
    "TCXONC": 0x540A,
    "TCFLSH": 0x540B,
    "TIOCSCTTY": 0x540E,
    "TIOCGPGRP": 0x540F,
    "TIOCSPGRP": 0x5410,
    "TIOCOUTQ": 0x5411,
    "TIOCGWINSZ": 0x5413,
    "TIOCSWINSZ": 0x5414,
    "FIONREAD": 0x541B,
    "FIONBIO": 0x5421,
    "TIOCNOTTY": 0x5422,
    "TIOCGSID": 0x5429,
    # glibc 2.42 speaks to terminals with these four.
    "TCGETS2": 0x802C542A,
    "TCSETS2": 0x402C542B,
    "TCSETSW2": 0x402C542C,
    "TCSETSF2": 0x402C542D,
    # A terminal wrapper opens a terminal of its own.
    "TIOCGPTN": 0x80045430,
    "TIOCSPTLCK": 0x40045431,
    "TIOCGPTPEER": 0x5441,
    "FIONCLEX": 0x5450,
    "FIOCLEX": 0x5451,
    # A copy that shares its blocks with what was copied; `cp` and Node ask for it first.
    "FICLONE": 0x40049409,
    # The names of network interfaces and their numbers.
    "SIOCGIFNAME": 0x8910,
    "SIOCGIFINDEX": 0x8933,
}
# About the caller's own process, and none of them takes back a protection.
_PRCTLS = {
    "PR_SET_PDEATHSIG": 1,
    "PR_GET_PDEATHSIG": 2,
    "PR_GET_DUMPABLE": 3,
    "PR_SET_NAME": 15,
    "PR_GET_NAME": 16,
    "PR_GET_SECCOMP": 21,
    "PR_CAPBSET_READ": 23,
    "PR_SET_CHILD_SUBREAPER": 36,
    "PR_SET_NO_NEW_PRIVS": 38,
    "PR_GET_NO_NEW_PRIVS": 39,
    # Names for pieces of memory, in /proc/self/maps.
    "PR_SET_VMA": 0x53564D41,
}


@dataclass(frozen=True)
class Condition:
    """Argument `index` is `value`; with a mask, of the bits in `mask` only."""

    index: int
    value: int
    mask: int | None = None

    def render(self) -> dict[str, Any]:
        """In Docker's format, where a masked comparison has the mask first."""
        if self.mask is None:
            return {"index": self.index, "value": self.value, "valueTwo": 0, "op": "SCMP_CMP_EQ"}
        return {"index": self.index, "value": self.mask, "valueTwo": self.value, "op": "SCMP_CMP_MASKED_EQ"}


@dataclass(frozen=True)
class Rule:
    """One call is allowed when all conditions hold."""

    name: str
    conditions: tuple[Condition, ...]


def _socket(family: int, kind: int, protocol: int) -> Rule:
    conditions = (Condition(0, family), Condition(1, kind, _TYPE_BITS), Condition(2, protocol))
    return Rule("socket", conditions)


def _one_of(name: str, index: int, values: Iterable[int]) -> tuple[Rule, ...]:
    return tuple(Rule(name, (Condition(index, value),)) for value in sorted(values))


RULES: tuple[Rule, ...] = (
    Rule("socket", (Condition(0, _UNIX),)),
    *(_socket(family, _STREAM, protocol) for family in (_INET, _INET6) for protocol in (_ANY_IP, _TCP)),
    *(_socket(family, _DGRAM, protocol) for family in (_INET, _INET6) for protocol in (_ANY_IP, _UDP)),
    # The addresses of the session's own interface: os.networkInterfaces(), and the C library's getaddrinfo.
    Rule("socket", (Condition(0, _NETLINK), Condition(2, _ROUTE))),
    Rule("socketpair", (Condition(0, _UNIX),)),
    Rule("clone", (Condition(0, 0, _NAMESPACES),)),
    *_one_of("ioctl", 1, _IOCTLS.values()),
    *_one_of("prctl", 0, _PRCTLS.values()),
)
RULED = tuple(dict.fromkeys(rule.name for rule in RULES))
