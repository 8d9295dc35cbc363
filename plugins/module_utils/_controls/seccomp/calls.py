"""Every system call that the sessions' filter names, by what becomes of it. They are data of the role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..._engine.errors import SandboxError
from .groups import GROUP_ARGUMENTS, CallGroup, find_wrong_groups, make_group
from .rules import RULE_ARGUMENTS, Rule, find_wrong_rules, make_rule

# Its flags are behind a pointer, where no filter looks. With this answer, and no other, C libraries use clone instead.
WITHOUT = "clone3"
IO_URING = ("io_uring_setup", "io_uring_enter", "io_uring_register")
# Programs ask for them, and do without.
UNFILTERABLE = (WITHOUT, *IO_URING)

# What `parse_calls` reads, as an argument spec.
CALL_ARGUMENTS: dict[str, Any] = {
    name: {"type": "list", "elements": "dict", "options": options, "required": True}
    for name, options in (("groups", GROUP_ARGUMENTS), ("rules", RULE_ARGUMENTS), ("tripwires", GROUP_ARGUMENTS))
}


class SeccompError(SandboxError):
    """The filter cannot be as it was asked for."""


@dataclass(frozen=True)
class Calls:
    """`groups`: allowed with any arguments; `rules`: allowed with some; `tripwires`: kill whoever makes them."""

    groups: tuple[CallGroup, ...]
    rules: tuple[Rule, ...]
    tripwires: tuple[CallGroup, ...]

    @property
    def allowed(self) -> tuple[str, ...]:
        return _names_of(self.groups)

    @property
    def ruled(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rule.call for rule in self.rules))

    @property
    def killed(self) -> tuple[str, ...]:
        return _names_of(self.tripwires)

    @property
    def names(self) -> tuple[str, ...]:
        """All that a profile may name, but for the operator's own."""
        return (*self.allowed, *self.ruled, *self.killed, WITHOUT)


def _names_of(groups: Sequence[CallGroup]) -> tuple[str, ...]:
    return tuple(call for group in groups for call in group.calls)


def parse_calls(params: Mapping[str, Any]) -> Calls:
    """Raises SeccompError with all that is wrong with the lists one by one; or, where nothing is, together."""
    groups, rules, tripwires = (params[name] for name in CALL_ARGUMENTS)
    _refuse((*find_wrong_groups([*groups, *tripwires]), *find_wrong_rules(rules)))
    calls = Calls(tuple(map(make_group, groups)), tuple(map(make_rule, rules)), tuple(map(make_group, tripwires)))
    _refuse((*_find_shared_calls(calls), *_find_same_rules(calls.rules)))
    return calls


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise SeccompError(f"seccomp: {'; '.join(problems)}", "correct the lists of the role; nothing was changed")


def _find_shared_calls(calls: Calls) -> Iterator[str]:
    former = dict.fromkeys(UNFILTERABLE, "the calls that no filter can judge")
    for group in (*calls.groups, *calls.tripwires):
        for call in group.calls:
            if call in former:
                yield f"group {group.name!r}: {call} is in {former[call]} already"
            former.setdefault(call, f"group {group.name!r}")
    for rule in calls.rules:
        if rule.call in former:
            yield f"rule {rule.name!r}: {rule.call} is in {former[rule.call]} already"


def _find_same_rules(rules: Sequence[Rule]) -> Iterator[str]:
    former: dict[object, str] = {}
    for rule in rules:
        for conditions in rule.combinations:
            if (rule.call, conditions) in former:
                yield f"rule {rule.name!r}: allows of {rule.call} what rule {former[rule.call, conditions]!r} allows"
            former.setdefault((rule.call, conditions), rule.name)
