"""Imports point one way, and the pure layers cannot reach the outside (docs: the architecture's layers).

    modules -> _run -> _host -> _domain -> _core          host/ -> _host, _domain, _core          nothing -> host/

`_host` may use `_domain`, because reading the machine needs the parsers; `_domain` never uses `_host`.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

import pytest

from ansible_collections.ably.sandbox.tests.unit.checkout import list_python, parse

COLLECTION = ("ansible_collections", "ably", "sandbox")

LAYERS = {
    "_core": ("plugins", "module_utils", "_core"),
    "_domain": ("plugins", "module_utils", "_domain"),
    "_host": ("plugins", "module_utils", "_host"),
    "_run": ("plugins", "module_utils", "_run"),
    "modules": ("plugins", "modules"),
    "doc_fragments": ("plugins", "doc_fragments"),
    "lookup": ("plugins", "lookup"),
    "action": ("plugins", "action"),
    "plugin_utils": ("plugins", "plugin_utils"),
    "host": ("host",),
}

# Layer -> the layers that it may import.
MAY_IMPORT = {
    "_core": {"_core"},
    "_domain": {"_core", "_domain"},
    "_host": {"_core", "_domain", "_host"},
    "_run": {"_core", "_domain", "_host", "_run"},
    "modules": {"_core", "_domain", "_host", "_run"},
    "doc_fragments": set(),
    "lookup": {"_core", "_domain"},
    "action": {"_core", "_domain", "_host", "plugin_utils"},
    "plugin_utils": set(),
    "host": {"_core", "_domain", "_host", "host"},
}
MAY_IMPORT_ANSIBLE = {"_run", "modules", "lookup", "action", "plugin_utils"}

# A list of what is allowed, because a list of what is forbidden is never complete.
PURE_STDLIB = {
    "__future__", "abc", "base64", "binascii", "bisect", "collections", "contextlib", "copy", "dataclasses", "difflib",
    "enum", "errno", "fnmatch", "functools", "graphlib", "hashlib", "heapq", "ipaddress", "itertools", "json", "math",
    "operator", "posixpath", "re", "shlex", "stat", "string", "struct", "textwrap", "types", "typing", "unicodedata",
    "urllib.parse", "zlib",
}  # fmt: skip
PURE_NAMES = {("pathlib", "PurePosixPath")}
IMPURE_BUILTINS = {"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint"}
PURE_LAYERS = {"_core", "_domain"}


@dataclass(frozen=True)
class Import:
    """One imported dotted name, absolute; `name` is set for `from module import name`."""

    line: int
    module: tuple[str, ...]
    name: str | None = None


def layer_of(parts: tuple[str, ...]) -> str | None:
    """The layer that a path or a dotted name inside the collection lies in."""
    return next((layer for layer, prefix in LAYERS.items() if parts[: len(prefix)] == prefix), None)


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


def judge(layer: str, wanted: Import) -> str | None:
    """What is wrong with one import made in `layer`, or None."""
    if wanted.module[: len(COLLECTION)] == COLLECTION:
        inside = wanted.module[len(COLLECTION) :] + ((wanted.name,) if wanted.name else ())
        target = layer_of(inside)
        if target not in MAY_IMPORT[layer]:
            return f"{layer} may not import {target or '.'.join(inside)}"
    elif wanted.module[0] == "ansible":
        return None if layer in MAY_IMPORT_ANSIBLE else f"{layer} may not import ansible"
    elif layer in PURE_LAYERS and not is_pure(wanted):
        return f"{layer} is pure and may not import {'.'.join(wanted.module)}"
    return None


def find_faults(tree: ast.Module, path: str) -> list[str]:
    layer = layer_of(tuple(path.split("/")))
    if layer is None:
        return [f"{path}: lies in none of the layers {', '.join(LAYERS)}"]
    faults = [(wanted.line, judge(layer, wanted)) for wanted in find_imports(tree, path)]
    if layer in PURE_LAYERS:
        faults += [
            (node.lineno, f"{layer} is pure and may not call {node.func.id}()")
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_BUILTINS
        ]
    return [f"{path}:{line}: {fault}" for line, fault in faults if fault]


def test_imports_point_one_way() -> None:
    faults = [fault for path in list_python("plugins/", "host/") for fault in find_faults(parse(path), path)]
    assert not faults, "\n".join(faults)


def test_nothing_outside_imports_the_host_programs() -> None:
    """The lab takes the programs from the machine that it tests; a shared bug would prove nothing."""
    faults = [
        f"{path}:{wanted.line}: nothing may import host/"
        for path in list_python("molecule/")
        for wanted in find_imports(parse(path), path)
        if wanted.module[:4] == (*COLLECTION, "host")
    ]
    assert not faults, "\n".join(faults)


UTILS = "plugins/module_utils"
ABSOLUTE = "ansible_collections.ably.sandbox"


@pytest.mark.parametrize(
    ("path", "source", "fault"),
    [
        (f"{UTILS}/_core/x.py", "import os", "_core is pure and may not import os"),
        (f"{UTILS}/_core/x.py", "def f():\n    import time", "_core is pure and may not import time"),
        (f"{UTILS}/_core/x.py", "open('x')", "_core is pure and may not call open()"),
        (f"{UTILS}/_core/x.py", "from pathlib import Path", "_core is pure and may not import pathlib"),
        (f"{UTILS}/_core/x.py", "from .._domain.a import b", "_core may not import _domain"),
        (f"{UTILS}/_core/x.py", "from .. import _host", "_core may not import _host"),
        (f"{UTILS}/_domain/x.py", "from .._host import files", "_domain may not import _host"),
        (f"{UTILS}/_domain/x.py", "import urllib.request", "_domain is pure and may not import urllib.request"),
        (f"{UTILS}/_domain/a/x.py", "from ..._run import y", "_domain may not import _run"),
        (f"{UTILS}/_host/x.py", "from .._run import y", "_host may not import _run"),
        (f"{UTILS}/_host/x.py", "from ansible.module_utils.basic import AnsibleModule", "_host may not import ansible"),
        (f"{UTILS}/_run/x.py", f"from {ABSOLUTE}.host import session", "_run may not import host"),
        (f"{UTILS}/_run/x.py", f"import {ABSOLUTE}.plugins.modules.docker", "_run may not import modules"),
        ("plugins/modules/x.py", f"from {ABSOLUTE}.host.a import b", "modules may not import host"),
        ("host/x.py", f"from {ABSOLUTE}.plugins.module_utils._run import y", "host may not import _run"),
        ("host/x.py", "import ansible", "host may not import ansible"),
        (f"{UTILS}/misc.py", "", "lies in none of the layers"),
    ],
)
def test_a_wrong_import_is_found(path: str, source: str, fault: str) -> None:
    assert any(fault in found for found in find_faults(ast.parse(source), path))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (
            f"{UTILS}/_core/x.py",
            "from .states import State\nimport collections.abc",
        ),
        (f"{UTILS}/_core/x.py", "from urllib import parse\nfrom pathlib import PurePosixPath"),
        (f"{UTILS}/_host/x.py", "import os\nfrom .._domain.nftables import parse"),
        ("plugins/modules/x.py", "from ansible.module_utils.basic import AnsibleModule"),
        ("host/x.py", f"import socket\nfrom {ABSOLUTE}.plugins.module_utils._host import files\nfrom . import y"),
    ],
)
def test_a_right_import_is_not(path: str, source: str) -> None:
    assert find_faults(ast.parse(source), path) == []
