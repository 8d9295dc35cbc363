"""The checkout as the frame's tests see it: its files and their syntax trees."""

from __future__ import annotations

import ast
import os
import shutil
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


def copy_checkout(top: Path) -> None:
    """Everything that git has or would take, importable as the collection below `.cache/collections`."""
    for path in list_files():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPO / path, top / path)
    link = top / ".cache" / "collections" / "ansible_collections" / "ably" / "sandbox"
    link.parent.mkdir(parents=True)
    link.symlink_to("../../../..")


def run_in(top: Path, *command: str) -> str:
    """The output of a command that has to succeed in such a copy, which imports nothing of this checkout."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(top / ".cache" / "collections"), "HOME": str(top)}
    done = subprocess.run(command, cwd=top, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
