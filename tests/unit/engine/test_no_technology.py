"""The engine names no kind of resource, no activation's verb and nothing of a host: it asks its host."""

from __future__ import annotations

import ast
import re

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._system.activations import VERBS
from ansible_collections.ably.sandbox.plugins.module_utils._system.local_host import PROVIDERS
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO, list_python

OF_A_HOST = re.compile(r"/etc/\w+|\b0o[0-7]+")


def find_technology(source: str) -> set[str]:
    """A plain word, such as `file`, counts where it is a string; a name that could be nothing else, in comments too."""
    strings = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    words = set(re.findall(r"\w+", source))
    kinds = {kind for kind in PROVIDERS if kind in strings or ("_" in kind and kind in words)}
    return kinds | (strings & set(VERBS)) | set(OF_A_HOST.findall(source))


@pytest.mark.parametrize("path", list_python("plugins/module_utils/_engine/"))
def test_the_engine_knows_no_technology(path: str) -> None:
    assert not find_technology((REPO / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("def f(change):\n    return change.resource.kind == 'package'", "package"),
        ("# As for a docker_image.", "docker_image"),
        ("FILES = ('/etc/shadow',)", "/etc/shadow"),
        ("READABLE = 0o004", "0o004"),
        ("def f(a):\n    return a.verb == 'daemon-reload'", "daemon-reload"),
        ("def check(file, unit):\n    '''A file, or a unit.'''", ""),
    ],
)
def test_technology_is_found(source: str, named: str) -> None:
    assert find_technology(source) == ({named} if named else set())
