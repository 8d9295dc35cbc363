"""A new control is its own files and a line in each of five others, and then everybody knows it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.tests.unit.checkout import REPO, copy_checkout, run_in

OWN = Path(__file__).resolve().parent / "files"
MODULE_UTILS = "plugins/module_utils"
REGISTRY = f"{MODULE_UTILS}/_controls/registry.py"
ROLE = """\
        - name: Do nothing
          ansible.builtin.import_role:
            name: ably.sandbox.nothing
          when: sandbox_level | int >= 3
          tags: [phase3, nothing]

"""
LICENSE = (
    "plugins/modules/packages.py validate-modules:missing-gplv3-license # the collection's license is Apache 2.0\n"
)
# Existing file to what is replaced in it, and by what.
EDITS = {
    REGISTRY: (
        ("from .seccomp.descriptor", "from .nothing.descriptor import NOTHING\nfrom .seccomp.descriptor"),
        ("    APPARMOR,\n)", "    APPARMOR,\n    NOTHING,\n)"),
    ),
    "playbooks/site.yml": (("        - name: Open one session", f"{ROLE}        - name: Open one session"),),
    "docs/controls.md": (("\n## Level 3", "\n| `nothing` | `nothing` | nothing |\n\n## Level 3"),),
    "meta/runtime.yml": (("    - packages", "    - nothing\n    - packages"),),
    "tests/sanity/ignore-2.19.txt": ((LICENSE, LICENSE.replace("packages", "nothing") + LICENSE),),
}
MOST_EDITED = 5
# What speaks of controls, modules, roles and variables.
TESTS = (
    "controls",
    "golden",
    "system",
    "test_module_documentation.py",
    "test_role_tables.py",
    "test_import_contracts.py",
    "test_sanity.py",
)
SEE = """
import json
from ansible_collections.ably.sandbox.plugins.module_utils._controls import registry
from ansible_collections.ably.sandbox.plugins.module_utils._controls.variables import find_malformed
owners = [control.owner for control in registry.CONTROLS]
print(json.dumps({
    "last": str(owners[-1]), "level": registry.level_reached(owners), "without": registry.level_reached(owners[:-1]),
    "wrong": [problem.expected for problem in find_malformed({"sandbox_level": 4})],
    "right": [problem.expected for problem in find_malformed({"sandbox_level": 3})],
}))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout with the control in it."""
    top = tmp_path_factory.mktemp("checkout")
    copy_checkout(top)
    shutil.copytree(OWN, top, dirs_exist_ok=True)
    for path, changes in EDITS.items():
        text = (top / path).read_text(encoding="utf-8")
        for former, new in changes:
            assert text.count(former) == 1, former
            text = text.replace(former, new)
        (top / path).write_text(text, encoding="utf-8")
    for command in (("git", "init", "--quiet"), ("git", "add", "--all")):
        subprocess.run(command, cwd=top, check=True)
    return top


def test_few_existing_files_are_touched() -> None:
    own = sorted(str(path.relative_to(OWN)) for path in OWN.rglob("*") if path.is_file())
    print("its own files:", *own, sep="\n  ")
    assert not [path for path in own if (REPO / path).exists()]
    assert len(EDITS) <= MOST_EDITED


def test_it_is_known_as_the_control_of_a_third_level(copy: Path) -> None:
    found = json.loads(run_in(copy, sys.executable, "-c", SEE))
    assert found == {
        "last": "nothing (phase 3)",
        "level": 3,
        "without": 2,
        "wrong": ["0 to 3; this release knows no higher level"],
        "right": [],
    }


def test_the_playbook_is_in_order(copy: Path) -> None:
    playbook = str(Path(sys.executable).parent / "ansible-playbook")
    assert "Do nothing" in run_in(
        copy, playbook, "--list-tasks", "-i", "host,", "playbooks/site.yml", "-e", "sandbox_level=3"
    )


@pytest.mark.slow
def test_everything_that_speaks_of_controls_holds(copy: Path) -> None:
    run_in(copy, sys.executable, "-m", "pytest", "-q", *(f"tests/unit/{name}" for name in TESTS))
