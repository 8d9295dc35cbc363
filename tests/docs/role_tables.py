#!/usr/bin/env python3
"""Writes the table of variables into each role's README, from the role's argument spec.

    tests/docs/role_tables.py       rewrites what differs; `make docs` runs it

The table is the section `## Variables`, the last one of the page. A test holds the pages to it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROLES = Path(__file__).resolve().parents[2] / "roles"
HEADING = "## Variables"
TABLE_HEAD = ("| variable | type | default | what it is |", "|---|---|---|---|")
# Ansible's markup for code, files, options, values, modules and plugins. Source: ansible-doc's own.
_CODE = re.compile(r"\b(?:C|O|V|RV|E|I|M|P)\(([^()#]*)(?:#\w+)?\)")


def render_table(role: Path) -> str:
    rows = [render_row(name, option) for name, option in sorted(load_options(role).items())]
    head = TABLE_HEAD if rows else ("None.",)
    return "\n".join([HEADING, "", *head, *rows]) + "\n"


def render_page(role: Path) -> str:
    """The role's README with the table that its argument spec makes."""
    text = (role / "README.md").read_text(encoding="utf-8")
    before, _unused, _unused = text.partition(f"{HEADING}\n")
    return f"{before.rstrip()}\n\n{render_table(role)}"


def list_roles() -> list[Path]:
    return sorted(path.parents[1] for path in ROLES.glob("*/meta/argument_specs.yml"))


def load_options(role: Path) -> dict[str, Any]:
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    return specs["main"].get("options") or {}


def render_row(name: str, option: dict[str, Any]) -> str:
    kind = f"list of {option['elements']}" if "elements" in option else option["type"]
    if "choices" in option:
        kind = " or ".join(f"`{choice}`" for choice in option["choices"])
    default = f"`{json.dumps(option['default'], ensure_ascii=False)}`" if "default" in option else "none"
    words = option["description"]
    text = " ".join(words if isinstance(words, list) else [words])
    said = _CODE.sub(r"`\1`", text).replace("|", "\\|")
    return f"| `{name}` | {kind} | {default} | {said} |"


def main() -> None:
    for role in list_roles():
        page = role / "README.md"
        text = render_page(role)
        if page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
            print(f"written: {page.relative_to(ROLES.parent)}")


if __name__ == "__main__":
    main()
