"""From level 1 to level 2: others' containers are not lost from sight unasked, check mode tells all, twice is once."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.host import LEVEL_2, PHASE_2, Host, compare, play
from support.newcomer import Newcomer
from support.others import others_container
from support.pages import QUICK_START, lines_of, read_lines
from support.planned import tell_plan
from support.session import LongSession, assert_works
from support.settled import VISITS, assert_settled

MOST_EXECUTIONS = 12


def test_others_running_containers_stop_the_play(level1: Host, at_level1: dict[str, object], tmp_path: Path) -> None:
    with others_container(level1, "web"):
        status, output = play("site", LEVEL_2)
        assert status != 0
        assert "others' containers: found web, expected none that run" in output
    assert compare(at_level1, level1.fingerprint(), tmp_path) == ""


@pytest.fixture(scope="module")
def plan(at_level1: dict[str, object]) -> set[str]:
    assert at_level1
    return tell_plan(LEVEL_2)


def test_check_mode_changes_nothing(level1: Host, at_level1: dict[str, object], plan: set[str], tmp_path: Path) -> None:
    assert plan
    assert compare(at_level1, level1.fingerprint(), tmp_path) == ""


def test_a_docker_that_does_not_start_is_as_it_was(level1: Host, at_level1: dict[str, object]) -> None:
    """The file is valid, and yet Docker does not start: a file stands where its new data folder would be."""
    assert at_level1
    daemon_json, in_the_way = level1.out("cat /etc/docker/daemon.json"), "/var/lib/docker/1879048192.1879048192"
    level1.out(f"touch {in_the_way}")
    try:
        status, output = play("site", LEVEL_2, *PHASE_2)
    finally:
        level1.out(f"rm {in_the_way}")
    assert status != 0
    for said in ("docker.service: try-restart failed", "restored as they were", "docker_remap /etc/docker/daemon.json"):
        assert said in output
    assert level1.out("cat /etc/docker/daemon.json") == daemon_json
    assert "ably-sandbox/lab" in level1.out("docker images")
    assert "on trial" not in level1.out("ably-sandbox status")
    assert_works(level1)


def test_level_2_is_what_was_planned(level2: Host, plan: set[str], way_up: set[str], long_session: LongSession) -> None:
    # The play that failed at Docker had done what comes before it.
    assert way_up == {resource for resource in plan if not resource.startswith(("table_entry ", "docker_archive "))}
    status = level2.out("ably-sandbox status")
    assert "level:      2" in status
    assert "on trial" not in status
    assert "drift" not in status
    assert long_session.is_alive


def test_a_second_run_changes_nothing(level2: Host, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """By the lines of the quick start."""
    newcomer = Newcomer(level2, tmp_path_factory.mktemp("home"), LEVEL_2)
    newcomer.does("install")
    ahead, line = lines_of("level 2", read_lines(QUICK_START))
    assert "changed=0 " in newcomer.type(ahead)
    was = level2.fingerprint(VISITS)
    assert_settled(level2, was, lambda: newcomer.type(line), MOST_EXECUTIONS, tmp_path)
    assert '"level": 2,' in newcomer.does("status")
