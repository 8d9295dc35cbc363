"""The first run does it, the second one does nothing. What check mode tells is for the scenario `bare` to show."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.host import LEVEL_1, Host, compare, play
from support.settled import VISITS, again, assert_settled

MOST_EXECUTIONS = 8


def test_level_1_is_reached(level1: Host) -> None:
    status = level1.out("ably-sandbox status")
    assert "level:      1" in status
    # The play has confirmed what was risky, over connections of its own.
    assert "on trial" not in status
    assert level1.out("ably-sandbox revert") == "nothing is on trial"


@pytest.fixture(scope="module")
def was(level1: Host) -> dict[str, object]:
    """The host's fingerprint at level 1."""
    return level1.fingerprint(VISITS)


def test_a_second_run_changes_nothing(level1: Host, was: dict[str, object], tmp_path: Path) -> None:
    assert_settled(level1, was, lambda: again(LEVEL_1), MOST_EXECUTIONS, tmp_path)


def test_bad_variables_are_refused_by_name_before_anything_changes(
    level1: Host, was: dict[str, object], tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(
        LEVEL_1.read_text()
        + "sandbox_egress_allowed_names: ['ably..io']\nsandbox_egress_subnet: 8.8.8.0/24\nsandbox_contaner_pids: 5\n"
    )
    status, output = play("site", wrong)
    assert status != 0
    for told in ("ably..io", "8.8.8.0/24", "sandbox_contaner_pids", "sandbox_container_pids"):
        assert told in output
    assert compare(was, level1.fingerprint(VISITS), tmp_path) == ""
