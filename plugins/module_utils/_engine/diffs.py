"""Plans in words that a person can read: a line a change. What not everybody on the host may read is not in them."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from .ports import Host
from .resources import Resource
from .states import State, is_same
from .steps import Change

Diff = dict[str, str]

# What is longer is summed up, or cut: a plan is there to be read.
_MOST_CHARACTERS = 200
_MOST_LINES = 20
_DIGITS = 12


class _Told(NamedTuple):
    """A change in words, but for the resource's name. `lines`: those of a text that differ."""

    what: str
    promise: str
    said: str
    lines: tuple[str, ...] = ()


def render_diffs(changes: Sequence[Change], host: Host) -> list[Diff]:
    """What Ansible's diff mode prints: a line a change, neighbours of which the same is said in one.

    A text that comes or goes is summed up; of one that becomes another, the lines that differ are shown.
    """
    told = [(_tell(change, host), change.resource.name) for change in changes]
    lines = [
        line
        for one, group in groupby(told, lambda entry: entry[0])
        for line in _render(one, ", ".join(name for _unused, name in group))
    ]
    return [{"prepared": "\n".join(lines)}] if lines else []


def _render(told: _Told, names: str) -> Iterator[str]:
    yield f"{told.what} {names}{told.promise}: {told.said}" if told.said else f"{told.what} {names}{told.promise}"
    yield from (f"  {line}" for line in told.lines[:_MOST_LINES])
    if len(told.lines) > _MOST_LINES:
        yield f"  … and {len(told.lines) - _MOST_LINES} more lines"


def _tell(change: Change, host: Host) -> _Told:
    what, promise = f"{_verb_of(change)} {change.resource.kind}", _promise_of(change)
    if host.is_secret(change):
        return _Told(what, promise, "(hidden)")
    shown = host.shown(change)
    if shown.before.is_absent or shown.after.is_absent:
        return _Told(what, promise, _describe(shown.before if shown.after.is_absent else shown.after))
    wanted = sorted((shown.after.facts or {}).items())
    differing = {
        name: (shown.before.fact(name), value)
        for name, value in wanted
        if name[:1] != "_" and not is_same(shown.before.fact(name), value)
    }
    said = ", ".join(f"{name} {_brief_change(before, after)}" for name, (before, after) in differing.items())
    return _Told(what, promise, said, tuple(line for pair in differing.values() for line in _compare(*pair)))


def _describe(state: State) -> str:
    """All facts in words. The name of one that stands alone goes without saying."""
    facts = {name: value for name, value in sorted((state.facts or {}).items()) if name[:1] != "_"}
    if len(facts) == 1 and not isinstance(next(iter(facts.values())), bool):
        return brief(next(iter(facts.values())))
    return ", ".join(f"{name} {brief(value)}" for name, value in facts.items())


def _brief_change(before: Any, after: Any) -> str:
    if _is_long_text(before) and _is_long_text(after):
        return f"{len(before.splitlines())} -> {_count_lines(after)}"
    return f"{brief_or_none(before)} -> {brief(after)}"


def _compare(before: Any, after: Any) -> Iterator[str]:
    """The lines that differ, as `diff` shows them."""
    if _is_long_text(before) and _is_long_text(after):
        compared = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
        # Its first two lines are a heading.
        yield from (_printable(line) for line in list(compared)[2:])


def brief(value: Any) -> str:
    """A fact in a few words. A text of several lines is its size, and the beginning of what sha256sum says of it."""
    if isinstance(value, dict) and set(value) == {"sha256"}:
        return f"sha256:{value['sha256'][:_DIGITS]}"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    data = text.encode("utf-8", "surrogateescape")
    if _is_text(data) and "\n" not in text and len(text) <= _MOST_CHARACTERS:
        return _printable(text)
    size = _count_lines(text) if _is_text(data) and "\n" in text else f"{len(data)} bytes"
    return f"{size}, sha256:{hashlib.sha256(data).hexdigest()[:_DIGITS]}"


def brief_or_none(value: Any) -> str:
    """Of a fact that may not be there."""
    return "none" if value is None else brief(value)


def _printable(text: str) -> str:
    """A terminal is told nothing: whoever may edit a file may not move another's cursor."""
    return "".join(c if c.isprintable() or c == "\t" else f"\\x{ord(c):02x}" for c in text)


def _count_lines(text: str) -> str:
    count = len(text.splitlines())
    return "1 line" if count == 1 else f"{count} lines"


def _is_long_text(value: Any) -> bool:
    return isinstance(value, str) and "\n" in value and _is_text(value.encode("utf-8", "surrogateescape"))


def _is_text(data: bytes) -> bool:
    """Of bytes that are no text, which a state carries as lone surrogates, the digest has to do."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in data


def describe_change(change: Change) -> str:
    """`create KIND NAME`, `remove …`, `change …`, with the promise where it is weaker than exact."""
    return f"{_verb_of(change)} {change.resource}{_promise_of(change)}"


def _verb_of(change: Change) -> str:
    return "remove" if change.after.is_absent else "create" if change.before.is_absent else "change"


def _promise_of(change: Change) -> str:
    return "" if change.reversibility.value == "exact" else f" ({change.reversibility.value})"


def describe_mismatch(resource: Resource, expected: State, there: State) -> str:
    """Names the facts that differ. Contents and other long facts are named, not shown: they may be secret."""
    if expected.is_absent or there.is_absent:
        return f"{resource}: expected {'absent' if expected.is_absent else 'present'}, found the opposite"
    facts = expected.facts or {}
    wrong = [name for name, value in sorted(facts.items()) if there.fact(name) != value]
    shown = [f"{name} is {_brief(there.fact(name))}, expected {_brief(facts[name])}" for name in wrong]
    return f"{resource}: {'; '.join(shown)}"


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{len(text)} characters long"
