"""Commit-confirm: a change that locks the controller out goes back with nobody's help, also when the power fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.host import LEVEL_1, Host, play
from support.lock_out import SHORT_OF_PATIENCE, locked_out

SECONDS = 60
# Patience for the countdown, for Docker's restart under emulation, and for a boot.
HEALED = 240
DAEMON_JSON = "/etc/docker/daemon.json"


@pytest.fixture
def change(tmp_path: Path) -> Path:
    """Variables that change a key of Docker's, and give little time to confirm it."""
    variables = tmp_path / "change.yml"
    variables.write_text(
        LEVEL_1.read_text()
        + f"sandbox_agent_confirm_seconds: {SECONDS}\n"
        + "sandbox_docker_daemon_config: {live-restore: true, no-new-privileges: true, shutdown-timeout: 20}\n"
    )
    return variables


@contextmanager
def lost_controller(host: Host, change: Path) -> Iterator[None]:
    """A play that is refused its second connection."""
    with locked_out(host, "docker", "grep -q shutdown-timeout /etc/docker/daemon.json"):
        status, output = play("site", change, *SHORT_OF_PATIENCE)
        assert status != 0, output
        assert "could not be confirmed over a new connection" in output, output
        assert "takes them back by itself" in output
        yield


def assert_taken_back(host: Host, daemon_json: str) -> None:
    host.wait_until("! ably-sandbox status | grep -q 'on trial'", HEALED)
    assert host.out(f"cat {DAEMON_JSON}") == daemon_json
    assert "drift" not in host.out("ably-sandbox status")
    host.out("docker version")
    said = host.out("journalctl --boot --unit=ably-sandbox-revert --output=cat")
    assert "taken back, because nobody confirmed it: docker (phase 1)" in said


def test_a_lost_controller(level1: Host, change: Path) -> None:
    daemon_json = level1.out(f"cat {DAEMON_JSON}")
    with lost_controller(level1, change):
        assert not level1.lets_in()
        level1.wait_until_let_in(HEALED)
        assert_taken_back(level1, daemon_json)


def test_a_power_cut_while_on_trial(level1: Host, change: Path) -> None:
    daemon_json = level1.out(f"cat {DAEMON_JSON}")
    with lost_controller(level1, change):
        level1.lose_power()
        assert_taken_back(level1, daemon_json)
