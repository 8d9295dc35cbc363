"""What dpkg and apt say, as values. Sources: dpkg-query, `apt-get --simulate`, `apt-cache policy`; Debian 12 and 13."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from .._engine.errors import SandboxError
from .resource_facts import PackageFacts

# One line a package: name, state, version. `db:Status-Status` is one of dpkg's words for how far a package has come.
QUERY_FORMAT = "${Package}\\t${db:Status-Status}\\t${Version}\\n"

_SETTLED = ("installed", "not-installed", "config-files")
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_STEP = re.compile(r"^(?P<verb>Inst|Remv|Purg|Conf) (?P<name>[^ :]+)\S*(?P<old> \[[^\]]*\])?", re.MULTILINE)
_POLICY = re.compile(
    r"^(?P<name>[^ \n:]+)\S*:\n  Installed: .*\n  Candidate: (?P<next>.*)(?P<table>(?:\n .*)*)", re.MULTILINE
)
# Where a version comes from. What dpkg itself remembers of a removed package is no source.
_SOURCE = re.compile(r"^ {6,}-?\d+ (?!/var/lib/dpkg/status)\S", re.MULTILINE)
_LOCKED_OUT = re.compile(r"Could not get lock|(frontend|database) lock was locked|is another process using it")
_ARCHIVE_GONE = re.compile(
    r"(404\s+Not Found|Unable to fetch some archives|has no installation candidate|Unable to locate)"
)


@dataclass(frozen=True)
class Simulation:
    """What a run of apt-get would do. `installed` are new names; a change of version is in `upgraded`."""

    installed: frozenset[str] = frozenset()
    upgraded: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LockHolder:
    """Who holds a lock of dpkg's or apt's. `process`: 0 where nobody can say; `program`: empty where it is gone."""

    path: str
    process: int
    program: str = ""

    def __str__(self) -> str:
        if not self.process:
            return "another process"
        return f"process {self.process} ({self.program})" if self.program else f"process {self.process}"


def is_package_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name))


def parse_query(text: str) -> dict[str, str]:
    """Every known package's state (`installed`, `config-files`, `half-installed`, …), the best of its architectures."""
    states: dict[str, str] = {}
    for line in text.splitlines():
        fields = line.split("\t")
        if len(fields) != 3:
            raise SandboxError(f"dpkg-query: expected three fields, found {line!r}")
        if states.get(fields[0]) != "installed":
            states[fields[0]] = fields[1]
    return states


def find_package(name: str, states: Mapping[str, str]) -> PackageFacts | None:
    """None when nothing is left of it."""
    status = states.get(name, "not-installed")
    return None if status == "not-installed" else PackageFacts(installed=status == "installed")


def find_half_done(states: Mapping[str, str]) -> tuple[str, ...]:
    """The packages on which dpkg has not come to an end, sorted."""
    return tuple(sorted(name for name, state in states.items() if state not in _SETTLED))


def installed_of(states: Mapping[str, str]) -> frozenset[str]:
    return frozenset(name for name, status in states.items() if status != "not-installed")


def parse_simulation(text: str) -> Simulation:
    """What `apt-get --simulate` printed."""
    steps = list(_STEP.finditer(text))
    fresh = {step["name"] for step in steps if step["verb"] == "Inst" and step["old"] is None}
    moved = {step["name"] for step in steps if step["verb"] == "Inst" and step["old"] is not None}
    gone = {step["name"] for step in steps if step["verb"] in {"Remv", "Purg"}}
    return Simulation(frozenset(fresh), frozenset(moved), frozenset(gone))


def find_not_installed(names: Sequence[str], states: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in names if states.get(name) != "installed")


def parse_candidates(text: str) -> dict[str, str | None]:
    """What `apt-cache policy name…` printed: the version that would be installed, None where apt may take none of those
    that it knows. A package that no source has is not in it.
    """
    found = (policy for policy in _POLICY.finditer(text) if _SOURCE.search(policy["table"]))
    return {policy["name"]: None if policy["next"] == "(none)" else policy["next"] for policy in found}


def is_locked_out(stderr: str) -> bool:
    """True when apt or dpkg gave up because another process holds their lock. Which one, they do not always say."""
    return bool(_LOCKED_OUT.search(stderr))


def is_archive_gone(text: str) -> bool:
    """True when apt's own lists are what is wrong: too old, or never fetched."""
    return bool(_ARCHIVE_GONE.search(text))


def parse_auto_marks(text: str) -> frozenset[str]:
    """The packages that came as somebody's dependency, from `apt-mark showauto`."""
    return frozenset(line.split(":")[0] for line in text.split())


def find_leftovers(before: Collection[str], now: Collection[str], auto: Collection[str]) -> frozenset[str]:
    """What was brought along since: neither there before nor asked for by name."""
    return (frozenset(now) - frozenset(before)) & frozenset(auto)
