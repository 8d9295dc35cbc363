"""import-linter's contracts (pyproject.toml) find an import that points the wrong way."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.tests.unit.checkout import REPO

PLUGINS = "ansible_collections.ably.sandbox.plugins"
UTILS = f"{PLUGINS}.module_utils"
# Module with the import to what it may not import.
WRONG = {
    "_engine/a.py": f"{UTILS}._formats.accounts",
    "_engine/b.py": f"{UTILS}._system.files",
    "_formats/a.py": f"{UTILS}._controls.registry",
    "_controls/a.py": f"{UTILS}._system.files",
    "_controls/egress/a.py": f"{UTILS}._ansible.egress",
    "_system/a.py": f"{UTILS}._ansible.egress",
    "_system/b.py": f"{UTILS}._agent.cli",
    "_ansible/a.py": f"{UTILS}._agent.cli",
    "_agent/a.py": f"{UTILS}._ansible.egress",
    "_ansible/b.py": f"{PLUGINS}.modules.docker",
    "../modules/a.py": f"{UTILS}._agent.cli",
    "../lookup/a.py": f"{UTILS}._system.files",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy with all of them, on one line."""
    collections = tmp_path_factory.mktemp("collections")
    plugins = collections / "ansible_collections" / "ably" / "sandbox" / "plugins"
    shutil.copytree(REPO / "plugins", plugins, ignore=shutil.ignore_patterns("__pycache__"))
    for path, wanted in WRONG.items():
        (plugins / "module_utils" / path).write_text(f"import {wanted}\n")
    (plugins / "module_utils" / "_nowhere").mkdir()
    (plugins / "module_utils" / "_nowhere" / "__init__.py").touch()
    command = (
        Path(sys.executable).parent / "lint-imports",
        "--no-cache",
        "--no-logo",
        "--config",
        REPO / "pyproject.toml",
    )
    environment = {"PYTHONPATH": str(collections), "COLUMNS": "1000", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=collections, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return " ".join(done.stdout.split())


@pytest.mark.parametrize("path", WRONG)
def test_a_wrong_import_is_found(told: str, path: str) -> None:
    inside = path[:-3].replace("/", ".")
    module = inside.replace("...", f"{PLUGINS}.", 1) if inside.startswith("...") else f"{UTILS}.{inside}"
    assert f"{module} -> {WRONG[path]} (l.1)" in told


def test_a_room_of_no_contract_is_found(told: str) -> None:
    assert "_nowhere" in told
