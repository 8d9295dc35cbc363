"""What the kernel and the parser say about AppArmor profiles, as values."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from .._engine.errors import SandboxError

ENFORCE = "enforce"

_VERSION = re.compile(r"^AppArmor parser version ([0-9]+)\.([0-9]+)", re.MULTILINE)


@dataclass(frozen=True)
class LoadedProfile:
    """A profile as the kernel has it.

    `mode`: `enforce`, `complain`, … `policy`: what the parser made of its source; None where the kernel keeps it to
    itself.
    """

    mode: str
    policy: bytes | None

    @property
    def sha256(self) -> str:
        """Of the policy, empty without one."""
        return "" if self.policy is None else hashlib.sha256(self.policy).hexdigest()


def parse_parser_version(text: str) -> tuple[int, int]:
    """From what `apparmor_parser --version` prints."""
    match = _VERSION.search(text)
    if match is None:
        raise SandboxError(f"apparmor_parser: expected its version, found {text.strip()!r}", "is it the real one?")
    return int(match.group(1)), int(match.group(2))
