"""The outside world's DNS: which names exist, and the message format (RFC 1035). Pure."""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass, field

TYPE_A, TYPE_AAAA = 1, 28
RCODE_OK, RCODE_FORMAT_ERROR, RCODE_NO_NAME = 0, 1, 3
_FLAG_ANSWER, _FLAG_AUTHORITATIVE, _FLAG_RECURSION_DESIRED = 0x8000, 0x0400, 0x0100
_TTL_SECONDS = 5

ALLOWED_SUFFIXES = ("ably.io", "ably.net", "ably-realtime.com", "ably.com")
# The last two only look like allowed ones.
FORBIDDEN_NAMES = (
    "forbidden.example.com",
    "evil.example.com",
    "example.com",
    "www.example.com",
    "evilably.io",
    "rest.ably.io.example.com",
)


class DnsFormatError(ValueError):
    """The datagram is not a DNS query with one question."""


@dataclass(frozen=True)
class Zone:
    """What the resolver answers. `exact` wins over `suffixes`; a suffix covers every name below it and itself."""

    exact: dict[str, tuple[str, ...]] = field(default_factory=dict)
    suffixes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def lookup(self, name: str) -> tuple[str, ...] | None:
        """Return the addresses of `name`, or None when it does not exist."""
        wanted = name.lower().rstrip(".")
        if wanted in self.exact:
            return self.exact[wanted]
        for suffix, addresses in self.suffixes.items():
            if wanted == suffix or wanted.endswith("." + suffix):
                return addresses
        return None


def lab_zone(ably: str, forbidden: str, host: str) -> Zone:
    """The lab's names. The rebind-* names lie below an allowed suffix and answer with what must be refused."""
    rebinding = {
        "rebind.ably.io": ("10.0.0.1", "127.0.0.1"),
        "rebind-private.ably.io": ("10.0.0.1",),
        "rebind-loopback.ably.io": ("127.0.0.1",),
        "rebind-linklocal.ably.io": ("169.254.169.254",),
        "rebind-host.ably.io": (host,),
        "rebind-mixed.ably.io": (ably, "127.0.0.1"),
        "rebind-zero.ably.io": ("0.0.0.0",),
        "rebind-six.ably.io": ("::1", "::ffff:127.0.0.1"),
        "gone.ably.io": (),
    }
    forbidden_names = dict.fromkeys(FORBIDDEN_NAMES, (forbidden,))
    return Zone(
        exact={**rebinding, **forbidden_names},
        suffixes=dict.fromkeys(ALLOWED_SUFFIXES, (ably,)),
    )


@dataclass(frozen=True)
class Question:
    """One query. `wire` is the question section as it came, to be sent back unchanged."""

    identifier: int
    flags: int
    name: str
    kind: int
    wire: bytes


def parse_query(datagram: bytes) -> Question:
    """Read a query with exactly one question; raise DnsFormatError otherwise."""
    try:
        identifier, flags, questions = struct.unpack_from(">HHH", datagram)
        if flags & _FLAG_ANSWER or questions != 1:
            raise DnsFormatError("dns: expected a query with one question")
        name, end = _parse_name(datagram, 12)
        kind, _unused = struct.unpack_from(">HH", datagram, end)
    except (struct.error, IndexError) as error:
        raise DnsFormatError(f"dns: {error}") from error
    return Question(identifier, flags, name, kind, datagram[12 : end + 4])


def _parse_name(datagram: bytes, position: int) -> tuple[str, int]:
    labels = []
    while length := datagram[position]:
        if length > 63:
            raise DnsFormatError("dns: compressed name in a question")
        label = datagram[position + 1 : position + 1 + length]
        labels.append(label.decode("ascii", "backslashreplace"))
        position += 1 + length
    return ".".join(labels), position + 1


def render_answer(question: Question, addresses: tuple[str, ...] | None) -> bytes:
    """The answer to `question`; None means that the name does not exist, no address of the kind means no data."""
    matching = [ipaddress.ip_address(address) for address in addresses or ()]
    version = {TYPE_A: 4, TYPE_AAAA: 6}.get(question.kind)
    records = [address.packed for address in matching if address.version == version]
    rcode = RCODE_NO_NAME if addresses is None else RCODE_OK
    flags = _FLAG_ANSWER | _FLAG_AUTHORITATIVE | (question.flags & _FLAG_RECURSION_DESIRED) | rcode
    header = struct.pack(">HHHHHH", question.identifier, flags, 1, len(records), 0, 0)
    body = b"".join(
        struct.pack(">HHHIH", 0xC00C, question.kind, 1, _TTL_SECONDS, len(packed)) + packed for packed in records
    )
    return header + question.wire + body


def render_format_error(datagram: bytes) -> bytes:
    """FORMERR for a datagram that could not be read."""
    identifier = int.from_bytes(datagram[:2].ljust(2, b"\0"), "big")
    return struct.pack(">HHHHHH", identifier, _FLAG_ANSWER | RCODE_FORMAT_ERROR, 0, 0, 0, 0)
