"""The kernel's records of system calls that a filter did not simply allow, and what an operator may make of them.

Source: linux/kernel/auditsc.c, audit_seccomp: `… uid=60600 … comm="node" … sig=0 arch=c000003e syscall=165 …`. The uid
is the host's. A program whose name holds blanks or quotes is written in hexadecimal: it cannot forge a record by it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Callable

from .calls import UNFILTERABLE
from .profile import ADDITIONAL, ProfileCalls

# linux/audit.h, by the kernel's name of the architecture.
AUDIT_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_RECORD = re.compile(r"\buid=(\d+) .*\bsig=\d+ arch=([0-9a-f]+) syscall=(-?\d+) ")


@dataclass(frozen=True, order=True)
class CallRecord:
    """One call, as it stands in a record. `uid`: the host's. `arch`: linux/audit.h's number."""

    uid: int
    arch: int
    number: int


@dataclass(frozen=True)
class Findings:
    """Recorded calls, sorted by what is to be done about them; each kind in the order of the alphabet.

    `missing`: could be allowed. `with_other_arguments`: are allowed, but not as they were called. `tripwires`: the
    program was killed over them. `done_without`: refused on purpose, and programs get on. `nameless`: what no name of
    this architecture stands for.
    """

    missing: tuple[str, ...] = ()
    with_other_arguments: tuple[str, ...] = ()
    tripwires: tuple[str, ...] = ()
    done_without: tuple[str, ...] = ()
    nameless: tuple[str, ...] = ()


def parse_call_record(text: str) -> CallRecord | None:
    """From the text of a record of type 1326, with or without what journald and the kernel's log put in front."""
    found = _RECORD.search(text)
    if found is None:
        return None
    return CallRecord(int(found[1]), int(found[2], 16), int(found[3]))


def sort_records(
    records: Iterable[CallRecord], arch: int, name_of: Callable[[int], str | None], calls: ProfileCalls
) -> Findings:
    """`arch`: this machine's own; `name_of`: its calls' names; `calls`: of the profile in force."""
    seen = {(record.number, name_of(record.number) if record.arch == arch else None, record) for record in records}
    names = {name for _number, name, _record in seen if name}
    nameless = {f"{number} of architecture {record.arch:x}" for number, name, record in seen if not name}
    return Findings(
        missing=tuple(sorted(names - calls.allowed - calls.ruled - calls.killed - set(UNFILTERABLE))),
        with_other_arguments=tuple(sorted(names & calls.ruled)),
        tripwires=tuple(sorted(names & calls.killed)),
        done_without=tuple(sorted(names & set(UNFILTERABLE))),
        nameless=tuple(sorted(nameless)),
    )


def render_findings(findings: Findings, additional: Sequence[str]) -> str:
    """The proposed list as a diff of the present one, and what is proposed to nobody, with the reason."""
    told = (
        ("allowed with other arguments only, and not proposed", findings.with_other_arguments),
        ("killed the program, and not proposed", findings.tripwires),
        ("always refused, programs do without", findings.done_without),
        ("of another architecture, or without a name", findings.nameless),
    )
    diff = _render_diff(additional, (*additional, *(name for name in findings.missing if name not in additional)))
    notes = [f"# {why}: {', '.join(names)}" for why, names in told if names]
    return "\n".join([*(diff or ["# nothing is missing"]), *notes]) + "\n"


def _render_diff(former: Sequence[str], proposed: Sequence[str]) -> list[str]:
    sides = (_render_list(former), _render_list(proposed))
    return list(difflib.unified_diff(*sides, "present", "proposed", lineterm="", n=len(proposed) + 1))


def _render_list(names: Sequence[str]) -> list[str]:
    return [f"{ADDITIONAL}:", *(f"  - {name}" for name in names)] if names else [f"{ADDITIONAL}: []"]
