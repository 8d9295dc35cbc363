"""Down to level 0: told beforehand, and then the host is what it was."""

from __future__ import annotations

import re
from pathlib import Path

from support.host import LEVEL_1, Host, compare, play
from support.rolled_back import assert_goes_back_to


def test_check_mode_of_the_rollback_changes_nothing(level1: Host, tmp_path: Path) -> None:
    was = level1.fingerprint()
    status, output = play("rollback", LEVEL_1, "--check", "--extra-vars", "sandbox_level=0")
    assert status == 0, output
    assert re.search(r"changed=1 ", output)
    assert compare(was, level1.fingerprint(), tmp_path) == ""


def test_rollback_gives_the_first_state_back(level1: Host, before: dict[str, object], tmp_path: Path) -> None:
    assert_goes_back_to(before, level1, tmp_path)


def test_a_second_rollback_finds_nothing_to_do(level1: Host) -> None:
    status, output = play("rollback", LEVEL_1, "--extra-vars", "sandbox_level=0")
    assert status == 0, output
    assert re.search(r"changed=0 ", output)
