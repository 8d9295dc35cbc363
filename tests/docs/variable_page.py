#!/usr/bin/env python3
"""Writes the tables of docs/variables.md: the playbooks' own variables, and those of every role.

    tests/docs/variable_page.py     rewrites what differs; `make docs` runs it

The roles' variables come from their argument specs. Those of the playbooks have their words in docs/controls.md.
A test holds the page to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.ably.sandbox.tests.docs.role_tables import ROLES, TABLE_HEAD, load_options, render_row

TOP = ROLES.parent
PAGE = TOP / "docs" / "variables.md"
MARK = "<!-- Made by `make docs`: edit the argument specs of the roles instead. -->\n"
_PLAYBOOKS = re.compile(r"## Variables of the playbooks\n\n((?:\|.*\n)+)")
_APPLIED = re.compile(r"name: ably\.sandbox\.(\w+)$", re.MULTILINE)


def list_applied() -> list[str]:
    """The roles in the order in which site.yml has them."""
    return _APPLIED.findall((TOP / "playbooks" / "site.yml").read_text(encoding="utf-8"))


def render_page() -> str:
    """The page with its written part, and the tables as they are now."""
    written = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    return "\n".join([f"{written}{MARK}", *_render_playbooks(), *_render_roles()]) + "\n"


def _render_playbooks() -> Iterator[str]:
    found = _PLAYBOOKS.search((TOP / "docs" / "controls.md").read_text(encoding="utf-8"))
    if found is None:
        raise SystemExit("docs/controls.md: expected the section `Variables of the playbooks` with a table")
    yield from ("## The playbooks' own", "", found[1].rstrip())


def _render_roles() -> Iterator[str]:
    """Where several roles read a variable, it stands with the one that has its name."""
    options = {role: load_options(ROLES / role) for role in list_applied()}
    for role, own in options.items():
        names = sorted(name for name in own if _owner(name, options) == role)
        if names:
            yield from ("", f"## [`{role}`](../roles/{role}/README.md)", "", *TABLE_HEAD)
            yield from (render_row(name, own[name]) for name in names)


def _owner(name: str, options: dict[str, dict[str, object]]) -> str:
    readers = [role for role, own in options.items() if name in own]
    named = [role for role in readers if name.startswith(f"sandbox_{role}_")]
    return (named or readers)[0]


def main() -> None:
    text = render_page()
    if PAGE.read_text(encoding="utf-8") != text:
        PAGE.write_text(text, encoding="utf-8")
        print(f"written: {PAGE.relative_to(TOP)}")


if __name__ == "__main__":
    main()
