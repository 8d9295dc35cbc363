"""What is asked of the gateway to see that it works, and what its answers mean. Pure: bytes and texts."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address

from ..._engine.errors import SandboxError
from ..faults import Fault
from .names import AllowedName, EgressError, read_allowed_name

DEFAULT_NAME = "realtime.ably.io"
# Nobody's: RFC 2606 reserves what ends in `.invalid`.
FOREIGN_NAME = "ably-sandbox-verify.invalid"
NO_SUCH_NAME = 3
_FIRST_LABEL = "ably-sandbox-verify"
_QUESTION_A = struct.pack("!HH", 1, 1)
_HEADER = struct.Struct("!6H")
_RECURSION_DESIRED = 0x0100
_LOG_LINE = re.compile(
    r"(?P<verdict>admitted|refused) session=(?P<session>\S+) .*reason=(?P<reason>\S*) state=(?P<state>\S*)"
)


class ProbeError(SandboxError):
    """The gateway does not do what sessions need of it."""


def choose_name(wanted: str, allowed_names: Sequence[str]) -> tuple[str, bool]:
    """The name that is looked up, and whether it is greeted as well.

    That is the wanted one, else the first allowed name that is no wildcard; of a wildcard a name below it is looked up
    that is nobody's. A wanted name that is not allowed counts as none; preflight has said so where it was asked for.
    """
    allowed = [read_allowed_name(name) for name in allowed_names]
    if wanted and is_admitted(wanted, allowed):
        return wanted, True
    exact = next((name.domain for name in allowed if not name.below), None)
    if exact is not None:
        return exact, True
    if not allowed:
        raise EgressError(Fault("allowed_names", "at least one name", "none"))
    return f"{_FIRST_LABEL}.{allowed[0].domain}", False


def is_admitted(name: str, allowed: Iterable[AllowedName]) -> bool:
    return any(entry.admits(name) for entry in allowed)


def encode_question(name: str, number: int) -> bytes:
    """A DNS message that asks for the IPv4 address of a name (RFC 1035)."""
    labels = b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split("."))
    return _HEADER.pack(number, _RECURSION_DESIRED, 1, 0, 0, 0) + labels + b"\0" + _QUESTION_A


def parse_answer(data: bytes, number: int) -> tuple[int, IPv4Address | None]:
    """The response code, and the address of the last record. None where there is no such record."""
    if len(data) < _HEADER.size:
        raise ProbeError("name server: expected a DNS message, found a shorter one")
    got, flags, _unused, answers, _unused, _unused = _HEADER.unpack_from(data)
    if got != number:
        raise ProbeError(f"name server: expected the answer to question {number}, found {got}")
    return flags & 0xF, IPv4Address(data[-4:]) if answers and len(data) > _HEADER.size + 4 else None


def explain_proxy(lines: Iterable[str], session: str) -> tuple[bool, str]:
    """Why the gateway closed a connection of `session` (its address and port), from its log.

    True with what does not answer beyond the gateway; false with what the gateway itself had against it.
    """
    for line in lines:
        found = _LOG_LINE.search(line)
        if found is None or found["session"] != session:
            continue
        if found["verdict"] == "admitted":
            return True, f"the gateway could not connect to it (HAProxy's termination state {found['state']})"
        if found["reason"] == "name-not-resolved":
            return True, "the host's name servers do not resolve it"
        return False, f"the gateway refused it: {found['reason']}"
    return False, "the gateway closed the connection without a word in its log"
