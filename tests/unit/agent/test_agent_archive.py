"""The agent: the same bytes for the same sources, and runnable with nothing else of the collection around."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.lookup.agent_archive import REPO, add_packages, list_sources, pack


@pytest.fixture
def agent(tmp_path: Path) -> Path:
    path = tmp_path / "ably-sandbox"
    path.write_bytes(pack(add_packages(list_sources(REPO))))
    path.chmod(0o755)
    return path


def run(agent: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-IB", str(agent), *arguments)
    return subprocess.run(command, capture_output=True, text=True, env={}, cwd="/", check=False)


def test_every_subcommand_can_be_imported_from_the_archive(agent: Path) -> None:
    assert run(agent, "--help").returncode == 0
    assert run(agent, "nonsense").returncode == 64
    assert run(agent, "session", "--nonsense").stderr.startswith("usage: ably-sandbox session")
    assert run(agent, "serve", "--nonsense").stderr.startswith("usage: ably-sandbox serve")
    for subcommand in ("status", "rollback"):
        assert run(agent, subcommand, "--help").returncode == 0


def test_the_same_sources_give_the_same_bytes(agent: Path, tmp_path: Path) -> None:
    folder = "plugins/module_utils"
    shutil.copytree(REPO / folder, tmp_path / "copy" / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (tmp_path / "copy").rglob("*.py"):
        os.utime(path, (time.time() - 1e6, 0))
        path.chmod(0o600)
    assert pack(add_packages(list_sources(tmp_path / "copy"))) == agent.read_bytes()


def test_it_runs_isolated_by_its_first_line(agent: Path) -> None:
    assert agent.read_bytes().startswith(b"#!/usr/bin/python3 -IB\n")


def test_nothing_is_imported_after_the_start() -> None:
    """The archive may be replaced or removed while it runs, by a rollback even by itself."""
    late = [
        f"{path}:{inner.lineno}"
        for path, content in list_sources(REPO)
        for node in ast.walk(ast.parse(content))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for inner in ast.walk(node)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]
    assert not late
