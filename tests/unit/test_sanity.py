"""What ansible-test goes by: each line that its sanity tests pass over (tests/sanity/ignore-*.txt) says why."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

from ansible_collections.ably.sandbox.tests.unit.checkout import REPO, list_python, parse

SANITY = REPO / "tests" / "sanity"
LINE = re.compile(r"(?P<path>\S+) (?P<test>[a-z-]+)(?::[a-z0-9-]+|!skip)? # \S.+")
LICENSE = "validate-modules:missing-gplv3-license # the collection's license is Apache 2.0"

# Ansible's own, what ansible-test brings, and pip, which every virtual environment has.
THERE = {"ansible", "ansible_collections", "jinja2", "pip", "pytest", "yaml"}


def ignored() -> list[str]:
    return (SANITY / "ignore-2.19.txt").read_text(encoding="utf-8").splitlines()


def test_each_line_says_why() -> None:
    assert [line for line in ignored() if not LINE.fullmatch(line)] == []


def test_the_lines_are_sorted_and_of_files_that_are_there() -> None:
    assert ignored() == sorted(ignored())
    assert [line for line in ignored() if not (REPO / line.split()[0]).is_file()] == []


def test_every_module_and_lookup_has_the_collections_license() -> None:
    sources = (path for folder in ("lookup", "modules") for path in (REPO / "plugins" / folder).glob("*.py"))
    own = sorted(f"{path.relative_to(REPO)} {LICENSE}" for path in sources)
    assert [line for line in ignored() if line.endswith(LICENSE)] == own


def imported(path: str) -> Iterator[str]:
    """The first part of each name that is imported from outside the collection."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_the_requirements_are_what_unit_tests_import() -> None:
    lines = (REPO / "tests/unit/requirements.txt").read_text(encoding="utf-8").splitlines()
    own = {path.stem for path in (REPO / "tests").rglob("*.py")}
    names = {name for path in list_python("tests/unit/") for name in imported(path)}
    assert names - set(sys.stdlib_module_names) - THERE - own == {line for line in lines if not line.startswith("#")}
