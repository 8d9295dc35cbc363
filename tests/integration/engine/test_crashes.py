"""Apply, change, rollback and undo of a control of many kinds, killed by SIGKILL at steps that touch the outside.

After each kill: the same again converges and then has nothing left to do, the way back restores the scratch root to
the byte, and the service is restarted exactly as often as in an undisturbed run. `make test` kills at every fourth step
from one of the first four on, which it draws; `make long-crashes` kills at every one.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ably.sandbox.tests.integration.engine.crash_driver import SCENARIOS

DRIVER = "ansible_collections.ably.sandbox.tests.integration.engine.crash_driver"
COLLECTIONS = Path(__file__).resolve().parents[3] / ".cache" / "collections"
# Below this a scenario no longer writes what it is meant to be killed at.
FEWEST_STEPS = 60
WHOLE = os.environ.get("ABLY_SANDBOX_CRASHES")
CHOSEN = [WHOLE] if WHOLE else list(SCENARIOS)
EVERY = 1 if WHOLE else 4


def drive(scenario: str, folder: Path, first: int) -> dict[str, Any]:
    """A fresh interpreter that forks a victim for each point."""
    command = (sys.executable, "-m", DRIVER, scenario, str(folder), str(EVERY), str(first))
    environment = {**os.environ, "PYTHONPATH": str(COLLECTIONS)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="owners can be set by root alone")
@pytest.mark.parametrize("scenario", CHOSEN)
def test_killed(scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = random.randint(1, EVERY)
    found = drive(scenario, tmp_path, first)
    with capsys.disabled():
        print(f"\n{scenario}, killed from step {first} on at every {EVERY}: {found['held']} of {found['points']} held")
    assert not found["failures"], "\n".join(found["failures"])
    assert found["steps"] >= FEWEST_STEPS
    assert found["points"] >= found["steps"] // EVERY
