"""What a level asks of a host, and the words for what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network


@dataclass(frozen=True)
class Problem:
    """What is wrong on which object, what was found, what was expected, and what to do next."""

    what: str
    observed: str
    expected: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.what}: found {self.observed}, expected {self.expected}; {self.next_step}"


@dataclass(frozen=True)
class Needs:
    """What the roles will ask of the host. `disk_mib` counts while nothing is installed yet.

    `kernel_left_out`, `kernel_confirmed`: items of the control `kernel`.
    """

    level: int
    packages: Sequence[str]
    daemon_keys: Sequence[str]
    subnet: IPv4Network
    uid_base: int
    sessions: int
    gid: int
    proxy_uid: int
    remap_uid: int
    remap_first_id: int
    disk_mib: int
    allow_others_containers: bool = False
    allow_rollback: bool = False
    kernel_left_out: Sequence[str] = ()
    kernel_confirmed: Sequence[str] = ()
