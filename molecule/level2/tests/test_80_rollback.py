"""Down again, a level at a time: at each the host is what it was on the way up, and sessions work at level 1."""

from __future__ import annotations

from pathlib import Path

from support.host import BUT_LESS_REMEMBERED, LEVEL_1, Host, compare, play
from support.others import others_container
from support.rolled_back import assert_goes_back_to
from support.session import Terminal, run_lines, wait_until_all_ended


def test_refused_while_a_session_uses_the_profile(level2: Host, tmp_path: Path) -> None:
    with Terminal(level2) as session:
        was = level2.fingerprint()
        status, output = play("rollback", LEVEL_1, "--extra-vars", "sandbox_level=1")
        assert status != 0
        assert "AppArmor profile ably-sandbox: not removed" in " ".join(output.split())
        assert compare(was, level2.fingerprint(), tmp_path, *BUT_LESS_REMEMBERED) == ""
        assert session.ask("echo unharmed") == "unharmed"
    wait_until_all_ended(level2)


def test_refused_while_containers_of_others_run(level2: Host) -> None:
    with others_container(level2, "web"):
        status, text = level2.call("ably-sandbox rollback --to-level 1")
        assert status != 0
        assert "others' containers run: web" in text
    assert "level:      2" in level2.out("ably-sandbox status")


def test_level_1_is_what_it_was(level2: Host, at_level1: dict[str, object], tmp_path: Path) -> None:
    assert "theirs" not in level2.out("docker ps --all")
    status, output = play("rollback", LEVEL_1, "--extra-vars", "sandbox_level=1")
    assert status == 0, output
    assert compare(at_level1, level2.fingerprint(), tmp_path, *BUT_LESS_REMEMBERED) == ""
    assert level2.out("ls /var/lib/docker | grep ^1879 || echo none") == "none"
    assert "theirs" in level2.out("docker ps --all")
    status, text = run_lines(level2, "whoami", "time", "exit")
    assert (status, "time 1" in text, "uid=606" in text) == (0, True, True), text
    assert "level:      1" in level2.out("ably-sandbox status")


def test_level_0_is_what_it_was(level2: Host, before: dict[str, object], tmp_path: Path) -> None:
    level2.out("docker rm theirs")
    assert_goes_back_to(before, level2, tmp_path)
