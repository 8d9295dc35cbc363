"""The names that sessions may reach: `host.example.com` is that name alone, `*.example.com` every name below it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..faults import Fault, FaultsError

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST_NAME = 253
_EXPECTED = "a name such as rest.ably.io, or *.ably.io for every name below ably.io"


class EgressError(FaultsError):
    """The egress policy cannot be what was asked for."""


@dataclass(frozen=True, order=True)
class AllowedName:
    """`domain` in lower case, without the wildcard. `below`: every name below it, but not the domain itself."""

    domain: str
    below: bool = False

    def __str__(self) -> str:
        return f"*.{self.domain}" if self.below else self.domain

    def admits(self, name: str) -> bool:
        """What the gateway's rules must say about `name`; the reference that tests hold them against."""
        lower = name.lower()
        if not self.below:
            return lower == self.domain
        rest = lower[: -len(self.domain) - 1]
        return lower == f"{rest}.{self.domain}" and _is_host_name(rest)


def _is_host_name(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and all(_LABEL.fullmatch(label) for label in text.split("."))


def _punycode(text: str) -> str | None:
    try:
        return text.encode("idna").decode("ascii")
    except UnicodeError:
        return None


def _fault(domain: str) -> str | None:
    """What is expected of a domain in lower case that it is not, or None."""
    if not domain.isascii():
        encoded = _punycode(domain)
        return f"ASCII, an internationalised name in its xn-- form{f' ({encoded})' if encoded else ''}"
    if "*" in domain:
        return "'*' nowhere but as the whole first label, as in *.ably.io"
    if not _is_host_name(domain):
        return _EXPECTED
    if "." not in domain:
        return "at least two labels; a whole top-level domain is never allowed"
    if domain.rsplit(".", 1)[1].isdigit():
        return "a name, not an address"
    return None


def read_allowed_name(item: object) -> AllowedName:
    """One item of the list. `EgressError` says what was expected, and what was found."""
    if not isinstance(item, str):
        raise EgressError(Fault("allowed_names", _EXPECTED, repr(item)))
    lower = item.lower()
    below = lower.startswith("*.")
    domain = lower[2:] if below else lower
    fault = _fault(domain)
    if fault:
        raise EgressError(Fault("allowed_names", fault, repr(item)))
    return AllowedName(domain, below)


def find_duplicates(names: tuple[AllowedName, ...]) -> tuple[AllowedName, ...]:
    """Names that are there more than once, each of them once."""
    return tuple(sorted({name for name in names if names.count(name) > 1}))
