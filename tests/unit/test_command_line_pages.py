"""The pages about command lines: what they say of names, variables and values is what the code says."""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.ably.sandbox.plugins.module_utils._controls.container.create import DEFAULT_ENVIRONMENT
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.names import read_allowed_name
from ansible_collections.ably.sandbox.plugins.module_utils._controls.variables import find_malformed
from ansible_collections.ably.sandbox.plugins.plugin_utils.variables import (
    check_types,
    defaults_of,
    load_data,
    load_options,
)
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO

NAMES_PAGE = (REPO / "docs" / "command-line.md").read_text(encoding="utf-8")
OWN_PAGE = (REPO / "docs" / "own-command-line.md").read_text(encoding="utf-8")
OPTIONS = load_options()
DEFAULTS = {**load_data(), **defaults_of(OPTIONS)}
ALLOWED = [read_allowed_name(name) for name in DEFAULTS["sandbox_egress_allowed_names"]]
VARIABLES = [
    block
    for page in (NAMES_PAGE, OWN_PAGE)
    for block in re.findall(r"```yaml\n# group_vars.*?\n(.*?)```", page, re.DOTALL)
]


def read_rows(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without the table's own."""
    table = re.findall(r"^\|.*\|$|^\s*$", NAMES_PAGE.partition(heading)[2], re.MULTILINE)
    lines = [line for line in table if line.strip()]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    width = len(rows[0])
    return [row for row in rows[2:] if len(row) == width]


def test_the_table_says_of_each_name_what_the_default_does() -> None:
    rows = read_rows("## Names that it asks")
    assert len(rows) > 10
    for row in rows:
        name = row[0].strip("`").replace("NAME", "main").lower()
        is_allowed = any(allowed.admits(name) for allowed in ALLOWED)
        assert row[3] == ("yes" if is_allowed else "no"), name


def test_each_allowed_name_is_asked_by_the_command_line() -> None:
    names = [row[0].strip("`") for row in read_rows("## Names that it asks")]
    unused = [str(allowed) for allowed in ALLOWED if not any(allowed.admits(name) for name in names)]
    # As the page says.
    assert unused == ["*.ably.com"]


def test_the_table_has_the_variables_of_every_session() -> None:
    rows = read_rows("## What it tries and a session does not have")
    found = {row[0].strip("`"): row[1].strip("`") for row in rows if len(row) == 3}
    assert found == DEFAULT_ENVIRONMENT


@pytest.mark.parametrize("block", VARIABLES)
def test_the_variables_of_the_pages_are_fine_together(block: str) -> None:
    given = yaml.safe_load(block)
    assert set(given) <= set(OPTIONS)
    typed, problems = check_types(given, OPTIONS)
    assert [*problems, *find_malformed({**DEFAULTS, **typed})] == []
