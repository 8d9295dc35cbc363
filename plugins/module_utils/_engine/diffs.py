"""Plans in words and diffs that a person can read. What not everybody on the host may read is not in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from .ports import Host
from .resources import Resource
from .states import State
from .steps import Change

Diff = dict[str, str]


def render_diffs(changes: Sequence[Change], host: Host) -> list[Diff]:
    """One entry a change, in the form that Ansible's diff mode prints. Only the facts that change are shown."""
    return [_render_diff(change, host.is_secret(change)) for change in changes]


def _render_diff(change: Change, is_secret: bool) -> Diff:
    title = str(change.resource)
    if is_secret:
        return {"before_header": title, "after_header": title, "before": "(hidden)\n", "after": "(hidden, changed)\n"}
    names = None if change.after.is_absent else set(change.after.facts or {})
    return {
        "before_header": title,
        "after_header": title,
        "before": _render_state(change.before, names),
        "after": _render_state(change.after, names),
    }


def _render_state(state: State, names: Any) -> str:
    """Plain facts first, one a line, then the content as it is."""
    if state.is_absent:
        return ""
    facts = {
        key: value for key, value in (state.facts or {}).items() if (names is None or key in names) and key[:1] != "_"
    }
    content = facts.pop("content", None)
    lines = [f"{key}: {_render_fact(value)}\n" for key, value in sorted(facts.items())]
    if isinstance(content, str):
        lines.append(_render_content(content))
    return "".join(lines)


def _render_content(content: str) -> str:
    """Text as it is. Of bytes that are no text, which a state carries as lone surrogates, the digest has to do."""
    data = content.encode("utf-8", "surrogateescape")
    if b"\0" in data or not _is_text(data):
        return f"content: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}\n"
    return content if content.endswith("\n") or not content else content + "\n"


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _render_fact(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True)


def describe_change(change: Change) -> str:
    """`create KIND NAME`, `remove …`, `change …`, with the promise where it is weaker than exact."""
    verb = "remove" if change.after.is_absent else "create" if change.before.is_absent else "change"
    promise = "" if change.reversibility.value == "exact" else f" ({change.reversibility.value})"
    return f"{verb} {change.resource}{promise}"


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
