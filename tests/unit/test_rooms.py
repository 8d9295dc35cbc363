"""What import-linter cannot say of the rooms (pyproject.toml has its contracts): the pure ones reach nothing outside.

Only the glue knows Ansible, and nothing that tests a host imports the programs that it tests there.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

import pytest

from ansible_collections.ably.sandbox.tests.unit.checkout import list_python, parse

COLLECTION = ("ansible_collections", "ably", "sandbox")

UTILS = "plugins/module_utils"
AGENT = (*COLLECTION, "plugins", "module_utils", "_agent")
PURE = tuple(f"{UTILS}/{room}/" for room in ("_engine", "_formats", "_controls"))
WITHOUT_ANSIBLE = (*PURE, f"{UTILS}/_system/", f"{UTILS}/_agent/")

# A list of what is allowed, because a list of what is forbidden is never complete.
PURE_STDLIB = {
    "__future__", "abc", "base64", "binascii", "bisect", "collections", "contextlib", "copy", "dataclasses", "difflib",
    "enum", "errno", "fnmatch", "functools", "graphlib", "hashlib", "heapq", "ipaddress", "itertools", "json", "math",
    "operator", "posixpath", "re", "shlex", "stat", "string", "struct", "textwrap", "types", "typing", "unicodedata",
    "urllib.parse", "zlib",
}  # fmt: skip
PURE_NAMES = {("pathlib", "PurePosixPath")}
IMPURE_BUILTINS = {"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint"}


@dataclass(frozen=True)
class Import:
    """One imported dotted name, absolute; `name` is set for `from module import name`."""

    line: int
    module: tuple[str, ...]
    name: str | None = None


def find_imports(tree: ast.Module, path: str) -> list[Import]:
    """Every import of a file, also those inside functions; relative ones made absolute."""
    package = COLLECTION + tuple(path.split("/")[:-1])
    found: list[Import] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [Import(node.lineno, tuple(alias.name.split("."))) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = base + tuple((node.module or "").split(".") if node.module else ())
            found += [Import(node.lineno, module, alias.name) for alias in node.names]
    return found


def is_pure(wanted: Import) -> bool:
    dotted = ".".join(wanted.module)
    full = f"{dotted}.{wanted.name}"
    return bool({dotted, wanted.module[0], full} & PURE_STDLIB) or (dotted, wanted.name) in PURE_NAMES


def judge(path: str, wanted: Import) -> str | None:
    """What is wrong with one import, or None."""
    if wanted.module[:1] == ("ansible",):
        return "only the glue may import ansible" if path.startswith(WITHOUT_ANSIBLE) else None
    if path.startswith(PURE) and wanted.module[: len(COLLECTION)] != COLLECTION and not is_pure(wanted):
        return f"a pure room may not import {'.'.join(wanted.module)}"
    return None


def find_faults(tree: ast.Module, path: str) -> list[str]:
    faults = [(wanted.line, judge(path, wanted)) for wanted in find_imports(tree, path)]
    if path.startswith(PURE):
        faults += [
            (node.lineno, f"a pure room may not call {node.func.id}()")
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_BUILTINS
        ]
    return [f"{path}:{line}: {fault}" for line, fault in faults if fault]


def test_pure_rooms_are_pure() -> None:
    faults = [fault for path in list_python("plugins/") for fault in find_faults(parse(path), path)]
    assert not faults, "\n".join(faults)


def test_no_scenario_imports_the_programs_that_it_tests() -> None:
    """They are taken from the machine; a shared bug would prove nothing."""
    faults = [
        f"{path}:{wanted.line}: imports {'.'.join(wanted.module)}"
        for path in list_python("molecule/", "tests/lab/", "tests/support/", "tests/world/")
        for wanted in find_imports(parse(path), path)
        if wanted.module[: len(AGENT)] == AGENT
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("path", "source", "fault"),
    [
        (f"{UTILS}/_engine/x.py", "import os", "may not import os"),
        (f"{UTILS}/_engine/x.py", "def f():\n    import time", "may not import time"),
        (f"{UTILS}/_engine/x.py", "open('x')", "may not call open()"),
        (f"{UTILS}/_engine/x.py", "from pathlib import Path", "may not import pathlib"),
        (f"{UTILS}/_formats/x.py", "import urllib.request", "may not import urllib.request"),
        (f"{UTILS}/_controls/x/y.py", "import socket", "may not import socket"),
        (f"{UTILS}/_system/x.py", "from ansible.module_utils.basic import AnsibleModule", "may import ansible"),
        (f"{UTILS}/_agent/x.py", "import ansible", "may import ansible"),
    ],
)
def test_a_wrong_import_is_found(path: str, source: str, fault: str) -> None:
    assert any(fault in found for found in find_faults(ast.parse(source), path))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (f"{UTILS}/_engine/x.py", "from .states import State\nimport collections.abc"),
        (f"{UTILS}/_engine/x.py", "from urllib import parse\nfrom pathlib import PurePosixPath"),
        (f"{UTILS}/_system/x.py", "import os\nfrom .._formats.nftables import parse"),
        (f"{UTILS}/_agent/x.py", "import socket\nfrom . import y"),
        ("plugins/modules/x.py", "from ansible.module_utils.basic import AnsibleModule"),
    ],
)
def test_a_right_import_is_not(path: str, source: str) -> None:
    assert find_faults(ast.parse(source), path) == []
