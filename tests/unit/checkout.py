"""The checkout as the frame's tests see it: its files and their syntax trees."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def list_files() -> tuple[str, ...]:
    """Every file that git has or would take, as sorted paths relative to the checkout."""
    command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    out = subprocess.run(command, cwd=REPO, check=True, capture_output=True, text=True).stdout
    return tuple(sorted({path for path in out.split("\0") if path and (REPO / path).is_file()}))


def list_python(*folders: str) -> tuple[str, ...]:
    """Python sources below the given folders."""
    return tuple(path for path in list_files() if path.endswith(".py") and path.startswith(folders))


def parse(path: str) -> ast.Module:
    return ast.parse((REPO / path).read_text(encoding="utf-8"), filename=path)
