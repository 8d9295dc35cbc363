"""The page of refused sessions has a row for each sentence with which the code refuses a session, or breaks one off."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO, list_python, parse

ROOM = "plugins/module_utils/"
PAGE = (REPO / "docs" / "session-refused.md").read_text(encoding="utf-8")
# What runs between the connection and the end of a session, or proves one. Each control's checks come by themselves.
SOURCES = (
    *(path for path in list_python(f"{ROOM}_controls/") if path.endswith("/session_checks.py")),
    *(f"{ROOM}_agent/{name}.py" for name in ("container", "memory", "network", "serve", "session", "session_client")),
    *(f"{ROOM}_agent/{name}.py" for name in ("session_protocol", "verify")),
    *(f"{ROOM}_controls/{name}.py" for name in ("keys", "container/fields", "container/spec")),
    *(f"{ROOM}_system/{name}.py" for name in ("docker_api", "fragments", "gateway_probe")),
)
UNKNOWN = "…"
# Where the sentence stands among the arguments of what is no error.
PLACES = {"Outcome": 1, "Report": 1, "append": 0}


def errors_known_in(path: str) -> set[str]:
    name = path.removesuffix(".py").replace("/", ".")
    module = importlib.import_module(f"ansible_collections.ably.sandbox.{name}")
    return {key for key, value in vars(module).items() if isinstance(value, type) and issubclass(value, SandboxError)}


def read_sentence(node: ast.expr | None) -> Iterator[str]:
    """The text of a literal, with `…` for what is put in; of either way of a choice; nothing of anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else UNKNOWN for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from (*read_sentence(node.body), *read_sentence(node.orelse))


def sentences_of(tree: ast.Module, errors: set[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            place = 0 if name in errors else PLACES.get(name)
            if place is not None and len(node.args) > place:
                yield from read_sentence(node.args[place])
        elif isinstance(node, ast.Yield):
            yield from read_sentence(node.value)
        elif isinstance(node, ast.List):
            yield from (text for one in node.elts for text in read_sentence(one))
        elif isinstance(node, ast.ListComp):
            yield from read_sentence(node.elt)
        elif isinstance(node, ast.FunctionDef) and node.name.strip("_").startswith(("explain", "judge")):
            returned = (one.value for one in ast.walk(node) if isinstance(one, ast.Return))
            yield from (text for one in returned for text in read_sentence(one))


def find_sentences(path: str) -> set[str]:
    """Those with at least two words of their own."""
    found = sentences_of(parse(path), errors_known_in(path))
    return {text for text in found if len(re.findall(r"[A-Za-z]{2,}", text)) > 1 and " " in text.strip()}


def rows() -> set[str]:
    return set(re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE))


@pytest.mark.parametrize("path", SOURCES)
def test_every_sentence_has_its_row(path: str) -> None:
    assert not sorted(find_sentences(path) - rows())


def test_every_row_is_a_sentence_of_the_code() -> None:
    said = {text for path in SOURCES for text in find_sentences(path)}
    assert not sorted(rows() - said)
