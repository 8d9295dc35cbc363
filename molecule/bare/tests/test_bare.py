"""The whole way on a host that has none of the packages: told beforehand, up, a session, down, nothing left."""

from __future__ import annotations

from pathlib import Path

from support.host import LEVEL_2, Host, compare, play
from support.session import run_lines


def test_check_mode_tells_the_plan_and_changes_nothing(
    machine: Host, before: dict[str, object], tmp_path: Path
) -> None:
    status, output = play("site", LEVEL_2, "--check", "--diff")
    assert status == 0, output
    for told in (
        "package docker.io",
        "json_key /etc/docker/daemon.json#live-restore",
        "nft_table inet ably_sandbox",
        "docker_remap /etc/docker/daemon.json#userns-remap",
        "apparmor_profile ably-sandbox",
    ):
        assert told in output
    assert compare(before, machine.fingerprint(), tmp_path) == ""


def test_level_2_and_a_session_with_an_allowed_answer(
    machine: Host, before: dict[str, object], packaged: dict[str, object]
) -> None:
    assert before
    assert packaged
    status, output = play("site", LEVEL_2)
    assert status == 0, output
    status, text = run_lines(machine, "whoami", "time", "exit")
    assert (status, "time 1" in text, "uid=606" in text) == (0, True, True), text
    said = machine.out("ably-sandbox status")
    assert "level:      2" in said
    assert "drift" not in said


def test_rollback_leaves_the_packages_and_nothing_else(
    machine: Host, packaged: dict[str, object], tmp_path: Path
) -> None:
    status, output = play("rollback", LEVEL_2, "--extra-vars", "sandbox_level=0")
    assert status == 0, output
    # Unpacked at another moment, and what the packages moved is still remembered; all the rest has to be the same.
    options = ("--ignore-mtime", "--but", "files/var/lib/ably-sandbox*")
    assert compare(packaged, machine.fingerprint(), tmp_path, *options) == ""


def test_rollback_with_packages_gives_the_first_state_back(
    machine: Host, before: dict[str, object], tmp_path: Path
) -> None:
    everything = ("--extra-vars", "sandbox_level=0", "--extra-vars", "sandbox_rollback_packages=true")
    status, output = play("rollback", LEVEL_2, *everything)
    assert status == 0, output
    assert compare(before, machine.fingerprint(), tmp_path) == ""
