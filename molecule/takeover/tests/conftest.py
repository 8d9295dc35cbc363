"""The machine at levels 1 and 2 as release 0.1.0 makes them, by the archive that was released."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from lab.settings import REPOSITORY
from support.host import LEVEL_1, LEVEL_2, Host, play

# One of them: the other is a long run.
collect_ignore = ["test_takeover.py" if os.environ.get("ABLY_SANDBOX_MOVED") else "test_moved.py"]
AT_LEVEL_1 = "release-level1"
RELEASES = REPOSITORY / "tests" / "releases"
RELEASE = "ably-sandbox-0.1.0.tar.gz"
# The last commit before every module, role and text of this collection was moved.
BEFORE_ROOMS = "ably-sandbox-0.2.0-6e8bcf4.tar.gz"


def install(archive: str, folder: Path) -> Path:
    """Where the archive's collection is installed then."""
    program, where = Path(sys.executable).parent / "ansible-galaxy", ("--collections-path", folder)
    # This version is there already, as the checkout itself.
    command = (program, "collection", "install", "--offline", "--force", *where, RELEASES / archive)
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(RELEASE, tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="session")
def old(machine: Host, before: dict[str, object], released: Path) -> Host:
    """At level 2; a snapshot keeps it at level 1."""
    assert before
    for level, variables in ((1, LEVEL_1), (2, LEVEL_2)):
        status, output = play("site", variables, collections=released)
        assert status == 0, output
        if level == 1:
            machine.save(AT_LEVEL_1)
    return machine


@pytest.fixture(scope="session")
def unmoved(machine: Host, before: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> Host:
    """At level 2 by what this collection was before its modules, roles and texts were moved."""
    assert before
    machine.restore()
    status, output = play("site", LEVEL_2, collections=install(BEFORE_ROOMS, tmp_path_factory.mktemp("before")))
    assert status == 0, output
    return machine
