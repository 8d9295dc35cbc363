"""The machine at levels 1 and 2 as release 0.1.0 makes them, by the archive that was released."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from lab.settings import REPOSITORY
from support.host import LEVEL_1, LEVEL_2, Host, play

AT_LEVEL_1 = "release-level1"
ARCHIVE = REPOSITORY / "tests" / "releases" / "ably-sandbox-0.1.0.tar.gz"


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the release's collection is installed."""
    folder = tmp_path_factory.mktemp("release")
    galaxy = Path(sys.executable).parent / "ansible-galaxy"
    install = (galaxy, "collection", "install", "--offline", "--collections-path", folder, ARCHIVE)
    subprocess.run(install, check=True, capture_output=True)
    return folder


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
