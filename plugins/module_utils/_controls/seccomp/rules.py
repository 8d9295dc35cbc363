"""Rules of the seccomp filter that look at arguments. They are data of the role `seccomp`.

libseccomp takes one condition for an argument: what needs two is two rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from ..._formats.system_calls import SYSTEM_CALLS
from .groups import NAMED, find_unnamed

# As an argument spec.
_ARGUMENT = {
    "index": {"type": "int", "required": True},
    "values": {"type": "dict", "required": True},
    "mask": {"type": "int"},
}
RULE_ARGUMENTS: dict[str, Any] = {
    **NAMED,
    "call": {"type": "str", "required": True},
    "arguments": {"type": "list", "elements": "dict", "options": _ARGUMENT, "required": True},
}
_LAST_INDEX = 5
_LAST_VALUE = (1 << 64) - 1


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
    """`call` is allowed when of each of `arguments` one condition holds."""

    name: str
    reason: str
    call: str
    arguments: tuple[tuple[Condition, ...], ...]

    @property
    def combinations(self) -> tuple[tuple[Condition, ...], ...]:
        """Conditions that hold together, each of which makes one rule of the filter."""
        return tuple(product(*self.arguments))


def make_rule(raw: Mapping[str, Any]) -> Rule:
    """Of what `find_wrong_rules` finds nothing wrong with."""
    arguments = (
        tuple(
            Condition(argument["index"], value, argument.get("mask")) for value in sorted(argument["values"].values())
        )
        for argument in raw["arguments"]
    )
    return Rule(raw["name"], raw["reason"], raw["call"], tuple(arguments))


def find_wrong_rules(rules: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What is wrong with each rule by itself."""
    yield from find_unnamed("rule", rules)
    for rule in rules:
        where, indices = f"rule {rule['name']!r}", [argument["index"] for argument in rule["arguments"]]
        if rule["call"] not in SYSTEM_CALLS:
            yield f"{where}: {rule['call']!r} is no system call"
        if not indices:
            yield f"{where}: expected arguments, found none, which would allow them all"
        for index in sorted({index for index in indices if indices.count(index) > 1}):
            yield f"{where}: argument {index} is there twice"
        for argument in rule["arguments"]:
            yield from (f"{where}: argument {argument['index']}: {said}" for said in _find_wrong_argument(argument))


def _find_wrong_argument(argument: Mapping[str, Any]) -> Iterator[str]:
    mask, values = argument.get("mask"), argument["values"]
    if not 0 <= argument["index"] <= _LAST_INDEX:
        yield f"expected an index from 0 to {_LAST_INDEX}"
    if mask is not None and not 0 < mask <= _LAST_VALUE:
        yield f"expected a mask of at most 64 bits, found {mask!r}"
    if not values:
        yield "expected values, found none"
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LAST_VALUE:
            yield f"{name}: expected a number of at most 64 bits, found {value!r}"
        elif list(values.values()).count(value) > 1:
            yield f"{name}: {value} is there twice"
        elif mask is not None and value & ~mask:
            yield f"{name}: expected bits of the mask {mask:#x}, found {value:#x}"
