"""Down to level 0: told beforehand, and then the host is what it was."""

from __future__ import annotations

import re
from pathlib import Path

from support.host import LEVEL_1, Host, compare, play
from support.newcomer import Newcomer
from support.pages import QUICK_START, lines_of, read_lines
from support.session import OPEN


def test_check_mode_of_the_rollback_changes_nothing(level1: Host, newcomer: Newcomer, tmp_path: Path) -> None:
    was = level1.fingerprint()
    ahead, _ = lines_of("rollback", read_lines(QUICK_START))
    assert re.search(r"changed=1 ", newcomer.type(ahead))
    assert compare(was, level1.fingerprint(), tmp_path) == ""


def test_rollback_gives_the_first_state_back(
    level1: Host, newcomer: Newcomer, before: dict[str, object], tmp_path: Path
) -> None:
    _, back = lines_of("rollback", read_lines(QUICK_START))
    newcomer.type(back)
    assert level1.call(OPEN)[0] != 0
    assert compare(before, level1.fingerprint(), tmp_path) == ""


def test_a_second_rollback_finds_nothing_to_do(level1: Host) -> None:
    status, output = play("rollback", LEVEL_1, "--extra-vars", "sandbox_level=0")
    assert status == 0, output
    assert re.search(r"changed=0 ", output)
