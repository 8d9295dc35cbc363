"""Docker's seccomp profiles, in JSON: what becomes of how many system calls, in one line."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

_WORDS = {"SCMP_ACT_ALLOW": "allowed", "SCMP_ACT_ERRNO": "refused", "SCMP_ACT_LOG": "logged"}


def count_calls(text: str) -> str:
    """Counts of calls by what becomes of them, and of all others; '' for a text that is no such profile."""
    try:
        profile = json.loads(text) if text.startswith("{") and '"defaultAction"' in text else None
        return _count(profile) if profile else ""
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _count(profile: Mapping[str, Any]) -> str:
    entries = profile["syscalls"]
    free = {name for entry in entries if not entry.get("args") for name in entry["names"]}
    calls: dict[str, set[str]] = {}
    for entry in entries:
        calls.setdefault(_word(entry), set()).update(entry["names"])
    counts = ", ".join(f"{len(names)} {word}{_bounded(names - free)}" for word, names in calls.items())
    return f"{counts}, all other system calls {_word({'action': profile['defaultAction'], **_number_of(profile)})}"


def _bounded(names: Collection[str]) -> str:
    return f" ({len(names)} of them with some arguments only)" if names else ""


def _number_of(profile: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"errnoRet": profile["defaultErrnoRet"]} if "defaultErrnoRet" in profile else {}


def _word(entry: Mapping[str, Any]) -> str:
    action = str(entry["action"])
    if action.startswith("SCMP_ACT_KILL"):
        return "killed over"
    number = f" with errno {entry['errnoRet']}" if "errnoRet" in entry else ""
    return f"{_WORDS.get(action, action)}{number}"
