#!/usr/bin/python3
"""The difference between two fingerprints of a host, one readable line for each entry. Exits 1 when there is one.

fingerprint_diff.py before.json after.json [--ignore-mtime] [--but 'SECTION/GLOB' ...]
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Entries = dict[str, Any]


def differences(before: dict[str, Entries], after: dict[str, Entries], ignored: list[str]) -> Iterator[str]:
    """One readable text for each entry that is not the same. `ignored` are globs over SECTION/ENTRY."""
    for section in sorted({*before, *after}):
        old, new = before.get(section, {}), after.get(section, {})
        for name in sorted({*old, *new}):
            label = f"{section}/{name.lstrip('/')}"
            if old.get(name) == new.get(name) or any(fnmatch.fnmatch(label, glob) for glob in ignored):
                continue
            if name not in old:
                yield f"+ {section}: {name}: {short(new[name])}"
            elif name not in new:
                yield f"- {section}: {name}: {short(old[name])}"
            else:
                yield f"! {section}: {name}: {change(old[name], new[name])}"


def change(old: Any, new: Any) -> str:
    """What differs between two values, by field if they have fields."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return f"{short(old)} -> {short(new)}"
    fields = sorted(field for field in {*old, *new} if old.get(field) != new.get(field))
    return ", ".join(f"{field} {short(old.get(field))} -> {short(new.get(field))}" for field in fields)


def short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= 300 else f"{text[:300]}..."


def load(path: Path, ignore_mtime: bool) -> dict[str, Entries]:
    fingerprint: dict[str, Entries] = json.loads(path.read_text(encoding="utf-8"))
    for entry in fingerprint["files"].values() if ignore_mtime else ():
        entry.pop("mtime_ns", None)
    return fingerprint


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--ignore-mtime", action="store_true")
    parser.add_argument("--but", action="append", default=[], metavar="SECTION/GLOB", help="entries that may differ")
    arguments = parser.parse_args()
    before, after = (load(path, arguments.ignore_mtime) for path in (arguments.before, arguments.after))
    found = list(differences(before, after, arguments.but))
    print("\n".join(found) or "no difference")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
