"""What a role's page says of its variables is what its argument spec says."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.ably.sandbox.tests.docs.role_tables import (
    HEADING,
    ROLES,
    list_roles,
    render_page,
    render_table,
)


@pytest.mark.parametrize("role", list_roles(), ids=lambda role: role.name)
def test_the_page_has_the_table_of_the_argument_spec(role: Path) -> None:
    assert (role / "README.md").read_text(encoding="utf-8") == render_page(role), "run `make docs`"


def test_every_role_has_an_argument_spec() -> None:
    assert {role.name for role in list_roles()} == {path.name for path in ROLES.iterdir() if path.is_dir()}


def test_another_default_or_description_is_another_table(tmp_path: Path) -> None:
    (tmp_path / "meta").mkdir()
    option = {"type": "list", "elements": "str", "default": ["a"], "description": ["Names, see C(x)|y and M(a.b.c)."]}
    spec = {"argument_specs": {"main": {"options": {"sandbox_x": option}}}}
    (tmp_path / "meta" / "argument_specs.yml").write_text(yaml.safe_dump(spec))
    (tmp_path / "README.md").write_text(f"# Role\n\nText.\n\n{HEADING}\n\nold\n")
    row = '| `sandbox_x` | list of str | `["a"]` | Names, see `x`\\|y and `a.b.c`. |'
    assert render_table(tmp_path).splitlines()[-1] == row
    assert render_page(tmp_path).splitlines()[:3] == ["# Role", "", "Text."]
    assert "old" not in render_page(tmp_path)
