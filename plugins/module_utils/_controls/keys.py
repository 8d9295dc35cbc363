"""The keys of the fragments in `container.d`: how one is read, and what happens when two fragments give it.

Lists and tables add up; a scalar may be given again only when it gets tighter; whatever would loosen what an earlier
fragment said is refused, with the key, both values and both fragments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, NamedTuple

from .._engine.errors import SandboxError


class SpecError(SandboxError):
    """The fragments do not make a specification."""


class LooseningError(SpecError):
    """A fragment would take back what an earlier one granted."""


class Given(NamedTuple):
    """What a fragment says about one key."""

    key: str
    value: Any
    fragment: str


Combine = Callable[[Given, Given], object]


def _loosens(old: Given, new: Given, key: str, old_value: object, new_value: object) -> LooseningError:
    return LooseningError(
        f"{new.fragment} loosens {key}: {old.fragment} says {old_value!r}, {new.fragment} says {new_value!r}",
        "a fragment may only make the specification tighter; correct the later one",
    )


def once(old: Given, new: Given) -> object:
    """Neither of two different values is the tighter one, so both cannot stand."""
    if old.value != new.value:
        raise _loosens(old, new, new.key, old.value, new.value)
    return old.value


def at_most(old: Given, new: Given) -> object:
    if new.value > old.value:
        raise _loosens(old, new, new.key, old.value, new.value)
    return new.value


def subset(old: Given, new: Given) -> object:
    """For permissions: a later fragment may strike names out."""
    if not set(new.value) <= set(old.value):
        raise _loosens(old, new, new.key, list(old.value), list(new.value))
    return new.value


def add_items(old: Given, new: Given) -> tuple[Any, ...]:
    return (*old.value, *(item for item in new.value if item not in old.value))


def add_binds(old: Given, new: Given) -> tuple[Any, ...]:
    there = {bind.target: bind.source for bind in old.value}
    for bind in new.value:
        if there.get(bind.target, bind.source) != bind.source:
            raise _loosens(old, new, f"binds {bind.target}", there[bind.target], bind.source)
    return add_items(old, new)


def add_entries(old: Given, new: Given) -> dict[str, Any]:
    for name in sorted(set(old.value) & set(new.value)):
        if old.value[name] != new.value[name]:
            raise _loosens(old, new, f"{new.key}.{name}", old.value[name], new.value[name])
    return {**old.value, **new.value}


def add_or_lower(old: Given, new: Given) -> dict[str, Any]:
    for name in sorted(set(old.value) & set(new.value)):
        if new.value[name] > old.value[name]:
            raise _loosens(old, new, f"{new.key}.{name}", old.value[name], new.value[name])
    return {**old.value, **new.value}


def add_or_shrink(old: Given, new: Given) -> dict[str, Any]:
    for name in sorted(set(old.value) & set(new.value)):
        before, after = old.value[name], new.value[name]
        if after.size > before.size or after.mode & ~before.mode:
            raise _loosens(old, new, f"tmpfs.{name}", before, after)
    return {**old.value, **new.value}


@dataclass(frozen=True)
class Key:
    """`parse`: dotted name and raw value to a normalised value. `field`: SessionSpec's, where its name is another."""

    parse: Callable[[str, object], object]
    combine: Combine = once
    field: str = ""
