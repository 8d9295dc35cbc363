"""The seccomp filter of the sessions, rendered as a profile in Docker's format."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from .calls import IO_URING, UNFILTERABLE, WITHOUT, Calls, SeccompError
from .rules import Condition

# The variable with the operator's own calls.
ADDITIONAL = "sandbox_seccomp_additional"
LOG_FLAG = "SECCOMP_FILTER_FLAG_LOG"
ARCHITECTURES = {"x86_64": "SCMP_ARCH_X86_64", "aarch64": "SCMP_ARCH_AARCH64"}
_OPERATORS = "the operator's own"
_ALLOW, _KILL = "SCMP_ACT_ALLOW", "SCMP_ACT_KILL_PROCESS"
_EPERM, _ENOSYS = 1, 38
_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")


@dataclass(frozen=True)
class SeccompPolicy:
    """`calls`: the role's. `architecture`: the kernel's name, as in `uname -m`. `known`: the calls that the host's
    libseccomp has for it.

    `additional`: calls of the operator's, allowed whatever their arguments are. `logs_denials`: what is refused with
    EPERM is logged as well; only where Docker and its runtime pass that on.
    """

    calls: Calls
    architecture: str
    known: Collection[str]
    additional: tuple[str, ...] = ()
    logs_denials: bool = False


@dataclass(frozen=True)
class ProfileCalls:
    """The calls of a profile: allowed with any arguments, allowed with some (`ruled`), or killed over."""

    allowed: frozenset[str]
    ruled: frozenset[str]
    killed: frozenset[str]


def parse_additional(names: Sequence[str], calls: Calls) -> tuple[str, ...]:
    """The operator's calls, in their order. Raises SeccompError with everything that is wrong with them."""
    problems = [problem for place, name in enumerate(names) for problem in _judge(name, names[:place], calls)]
    if problems:
        raise SeccompError(f"{ADDITIONAL}: " + "; ".join(problems), "correct the list")
    return tuple(names)


def _judge(name: str, former: Sequence[str], calls: Calls) -> tuple[str, ...]:
    if _NAME.fullmatch(name) is None:
        return (f"expected the name of a system call, such as inotify_init1, found {name!r}",)
    if name in former:
        return (f"{name} is there twice",)
    if name in calls.killed:
        return (f"{name} is a call that kills whoever makes it, and stays one",)
    if name in calls.ruled:
        return (f"{name} is allowed with some arguments, and must not be with all",)
    if name in UNFILTERABLE:
        return (f"{name} hides from the filter what it asks the kernel for",)
    return (f"{name} is allowed as it is",) if name in calls.allowed else ()


def render_profile(policy: SeccompPolicy) -> str:
    """The profile: the same policy gives the same text."""
    if policy.architecture not in ARCHITECTURES:
        known = " or ".join(sorted(ARCHITECTURES))
        raise SeccompError(f"seccomp: expected {known}, found {policy.architecture}", "use a host of such a kind")
    unknown = sorted(set(policy.additional) - set(policy.known))
    if unknown:
        found = ", ".join(unknown)
        raise SeccompError(f"{ADDITIONAL}: this host's libseccomp does not know {found}", "take it out")
    profile = {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": _EPERM,
        # Alone. Docker's own profile adds the processor's older architectures, whose calls have other numbers.
        "architectures": [ARCHITECTURES[policy.architecture]],
        **({"flags": [LOG_FLAG]} if policy.logs_denials else {}),
        "syscalls": _render_calls(policy),
    }
    return json.dumps(profile, indent=1) + "\n"


def render_record_profile(profile: str) -> str:
    """From a profile of ours: what it refuses with EPERM is done, and logged. What kills still kills.

    But io_uring stays refused: what is asked of the kernel that way is no call, and would be missing in the records.
    """
    made = json.loads(profile)
    made.pop("defaultErrnoRet", None)
    refused = _entry("no record could tell what it does", list(IO_URING), "SCMP_ACT_ERRNO", _EPERM)
    return json.dumps({**made, "defaultAction": "SCMP_ACT_LOG", "syscalls": [*made["syscalls"], refused]}, indent=1)


def read_additional(profile: str) -> tuple[str, ...]:
    """The operator's calls in a profile of ours."""
    entries = json.loads(profile)["syscalls"]
    return tuple(name for entry in entries if entry.get("comment") == _OPERATORS for name in entry["names"])


def read_calls(profile: str) -> ProfileCalls:
    """Of a profile of ours, whichever release has written it."""
    entries = json.loads(profile)["syscalls"]
    granted = [entry for entry in entries if entry["action"] == _ALLOW]
    return ProfileCalls(
        allowed=frozenset(name for entry in granted if "args" not in entry for name in entry["names"]),
        ruled=frozenset(name for entry in granted if "args" in entry for name in entry["names"]),
        killed=frozenset(name for entry in entries if entry["action"] == _KILL for name in entry["names"]),
    )


def count_allowed(policy: SeccompPolicy) -> int:
    """How many calls there are that may succeed, those with rules for their arguments included."""
    return len({*policy.calls.allowed, *policy.calls.ruled, *policy.additional} & set(policy.known))


def _render_calls(policy: SeccompPolicy) -> list[dict[str, Any]]:
    known, calls = frozenset(policy.known), policy.calls
    rules = [rule for rule in calls.rules if rule.call in known]
    entries = [
        *(_allow(group.name, [name for name in group.calls if name in known]) for group in calls.groups),
        _allow(_OPERATORS, list(policy.additional)),
        *(_allow_with(rule.call, conditions) for rule in rules for conditions in rule.combinations),
        _entry("glibc falls back to clone", [WITHOUT] if WITHOUT in known else [], "SCMP_ACT_ERRNO", _ENOSYS),
        _entry("tripwires", [name for name in calls.killed if name in known], _KILL),
    ]
    return [entry for entry in entries if entry["names"]]


def _entry(comment: str, names: list[str], action: str, errno: int | None = None) -> dict[str, Any]:
    number = {} if errno is None else {"errnoRet": errno}
    return {"names": names, "action": action, **number, "comment": comment}


def _allow(comment: str, names: list[str]) -> dict[str, Any]:
    return _entry(comment, names, _ALLOW)


def _allow_with(name: str, conditions: Sequence[Condition]) -> dict[str, Any]:
    return {"names": [name], "action": _ALLOW, "args": [condition.render() for condition in conditions]}
