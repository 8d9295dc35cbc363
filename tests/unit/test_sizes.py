"""Files and functions stay small enough to be read, and what runs on hosts parses as Python 3.9."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from ansible_collections.ably.sandbox.tests.unit.checkout import REPO, list_files, list_python, parse

FILE_LINES = 300
FUNCTION_LINES = 40
MODULE_CODE_LINES = 80
CODE = (".py", ".yml", ".yaml", ".j2", ".sh", "Makefile", "/run", "/run-all")
ON_HOSTS = ("plugins/",)
TYPE_NAMES = {"bool", "bytes", "dict", "float", "frozenset", "int", "list", "object", "set", "str", "tuple"}
DOCUMENTATION = {"DOCUMENTATION", "EXAMPLES", "RETURN"}

Function = (ast.FunctionDef, ast.AsyncFunctionDef)


def docstring_lines(node: ast.AST) -> set[int]:
    """The line numbers of the docstring of a function, class or file."""
    if not isinstance(node, (*Function, ast.ClassDef, ast.Module)) or not ast.get_docstring(node):
        return set()
    first = node.body[0]
    return set(range(first.lineno, (first.end_lineno or first.lineno) + 1))


def measure_functions(tree: ast.Module) -> Iterator[tuple[ast.AST, str, int]]:
    """Every function with its name and its length in lines: signature and body, without decorators and docstring."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            yield node, node.name, len(set(lines) - docstring_lines(node))


def is_documentation(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id in DOCUMENTATION for t in node.targets)


def count_code(source: str) -> int:
    """Lines of code: without blank lines, comments, docstrings and Ansible's documentation strings."""
    tree = ast.parse(source)
    prose = {line for node in ast.walk(tree) for line in docstring_lines(node)}
    for node in tree.body:
        if is_documentation(node):
            prose |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(source.splitlines(), start=1)
    return sum(1 for number, line in lines if number not in prose and line.strip() and not line.strip().startswith("#"))


def test_files_are_short() -> None:
    lengths = {path: len((REPO / path).read_bytes().splitlines()) for path in list_files() if path.endswith(CODE)}
    long = [f"{path}: {length} lines, at most {FILE_LINES}" for path, length in lengths.items() if length > FILE_LINES]
    assert not long, "\n".join(long)


def test_functions_are_short() -> None:
    long = [
        f"{path}: {name} has {length} lines, at most {FUNCTION_LINES}"
        for path in list_python("plugins/", "molecule/", "tests/")
        for _unused, name, length in measure_functions(parse(path))
        if length > FUNCTION_LINES
    ]
    assert not long, "\n".join(long)


def test_modules_are_short() -> None:
    lengths = {path: count_code((REPO / path).read_text(encoding="utf-8")) for path in list_python("plugins/modules/")}
    long = [
        f"{path}: {n} lines of code, at most {MODULE_CODE_LINES}"
        for path, n in lengths.items()
        if n > MODULE_CODE_LINES
    ]
    assert not long, "\n".join(long)


def is_type(node: ast.expr) -> bool:
    node = node.value if isinstance(node, ast.Subscript) else node
    return (isinstance(node, ast.Constant) and node.value is None) or (
        isinstance(node, ast.Name) and node.id in TYPE_NAMES
    )


def find_evaluated_unions(tree: ast.Module) -> list[int]:
    """Lines with an `int | None` that Python evaluates; 3.9 takes it only in annotations, which are not evaluated."""
    annotations = {
        id(inner)
        for node in ast.walk(tree)
        for field in ("annotation", "returns")
        if isinstance(annotation := getattr(node, field, None), ast.expr)
        for inner in ast.walk(annotation)
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr) and id(node) not in annotations
        if is_type(node.left) or is_type(node.right)
    ]


def find_newer_syntax(source: str, path: str) -> str | None:
    """The first construct that Python 3.9 cannot parse, or None. What else is newer than 3.9 `make lint` finds."""
    try:
        ast.parse(source, filename=path, feature_version=(3, 9))
    except SyntaxError as error:
        return f"{path}:{error.lineno}: {error.msg}"
    return None


def test_what_runs_on_hosts_parses_as_python_3_9() -> None:
    sources = {path: (REPO / path).read_text(encoding="utf-8") for path in list_python(*ON_HOSTS)}
    newer = [fault for path, source in sources.items() if (fault := find_newer_syntax(source, path))]
    assert not newer, "\n".join(newer)


def test_what_runs_on_hosts_evaluates_no_union_of_types() -> None:
    found = [
        f"{path}:{line}: use Union" for path in list_python(*ON_HOSTS) for line in find_evaluated_unions(parse(path))
    ]
    assert not found, "\n".join(found)


def test_an_evaluated_union_is_found() -> None:
    source = "def f(a: int | None) -> str | None: ...\nb: int | str = 1 | 2\nC = int | str\nD = dict[str, int] | None\n"
    assert find_evaluated_unions(ast.parse(source)) == [3, 4]


@pytest.mark.parametrize("source", ["match x:\n    case 1: pass", "try: pass\nexcept* OSError: pass"])
def test_newer_syntax_is_found(source: str) -> None:
    assert find_newer_syntax(source, "x.py")


def test_a_function_is_measured_without_its_docstring() -> None:
    source = 'def f():\n    """One\n    two.\n    """\n    a = 1\n\n    return a\n'
    assert [length for _unused, _unused, length in measure_functions(ast.parse(source))] == [4]


def test_code_is_counted_without_prose() -> None:
    source = '"""Doc."""\nDOCUMENTATION = """\na: 1\n"""\n\n# why\nx = 1\n\ndef f():\n    """Doc."""\n    return x\n'
    assert count_code(source) == 3
