"""Apply, change, rollback and undo of a control of many kinds, killed by SIGKILL at every step outside.

After each kill: the same again converges and then has nothing left to do, the way back restores the scratch root to
the byte, and the service is restarted exactly as often as in an undisturbed run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ably.sandbox.tests.integration.engine.crash_driver import SCENARIOS

DRIVER = "ansible_collections.ably.sandbox.tests.integration.engine.crash_driver"
COLLECTIONS = Path(__file__).resolve().parents[3] / ".cache" / "collections"
# Below this a scenario no longer writes what it is meant to be killed at.
FEWEST_POINTS = 60


def drive(scenario: str, folder: Path) -> dict[str, Any]:
    """A fresh interpreter that forks a victim for each point."""
    folder.mkdir()
    command = (sys.executable, "-m", DRIVER, scenario, str(folder))
    environment = {**os.environ, "PYTHONPATH": str(COLLECTIONS)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="owners can be set by root alone")
def test_killed_at_every_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        folders = [tmp_path / str(number) for number in range(len(SCENARIOS))]
        found = dict(zip(SCENARIOS, pool.map(drive, SCENARIOS, folders), strict=True))
    points, held = (sum(answer[key] for answer in found.values()) for key in ("points", "held"))
    with capsys.disabled():
        each = ", ".join(f"{scenario} {answer['held']} of {answer['points']}" for scenario, answer in found.items())
        print(f"\ncrash points: {held} of {points} held ({each})")
    failures = [f"{scenario}: {failure}" for scenario, answer in found.items() for failure in answer["failures"]]
    assert not failures, "\n".join(failures)
    assert all(answer["points"] >= FEWEST_POINTS for answer in found.values())
