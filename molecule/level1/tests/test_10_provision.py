"""Check mode tells all and changes nothing; the first run does it; the second one does nothing."""

from __future__ import annotations

import re
from pathlib import Path

from support.host import LEVEL_1, Host, compare, play

# Their invocation ids tell a restart.
UNITS = "docker containerd ably-sandbox-filter ably-sandbox-filter-watch ably-sandbox-dns ably-sandbox-proxy"
MOST_EXECUTIONS = 8


def test_check_mode_tells_the_plan_and_changes_nothing(
    machine: Host, before: dict[str, object], tmp_path: Path
) -> None:
    status, output = play("site", LEVEL_1, "--check", "--diff")
    assert status == 0, output
    for told in ("file /usr/local/bin/ably-sandbox", "nft_table inet ably_sandbox", "unit ably-sandbox-session.socket"):
        assert told in output
    assert compare(before, machine.fingerprint(), tmp_path) == ""


def test_level_1_is_reached(level1: Host) -> None:
    status = level1.out("ably-sandbox status")
    assert "level:      1" in status
    # The play has confirmed what was risky, over connections of its own.
    assert "on trial" not in status
    assert level1.out("ably-sandbox revert") == "nothing is on trial"


def test_a_second_run_changes_nothing(level1: Host, tmp_path: Path) -> None:
    def restarts() -> str:
        return level1.out(f"systemctl show --property=Id,InvocationID,NRestarts {UNITS}")

    was, ran, since = level1.fingerprint(), restarts(), level1.out("date +%s")
    status, output = play("site", LEVEL_1)
    assert status == 0, output
    assert re.search(r"changed=0 ", output), output
    executions = level1.out(f"journalctl --since=@{since} --output=cat | grep -c 'Invoked with'")
    print(f"module executions on the host: {executions}")
    assert int(executions) <= MOST_EXECUTIONS
    assert compare(was, level1.fingerprint(), tmp_path) == ""
    assert restarts() == ran


def test_bad_variables_are_refused_by_name_before_anything_changes(level1: Host, tmp_path: Path) -> None:
    was = level1.fingerprint()
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(
        LEVEL_1.read_text()
        + "sandbox_egress_allowed_names: ['ably..io']\nsandbox_egress_subnet: 8.8.8.0/24\nsandbox_contaner_pids: 5\n"
    )
    status, output = play("site", wrong)
    assert status != 0
    for told in ("ably..io", "8.8.8.0/24", "sandbox_contaner_pids", "sandbox_container_pids"):
        assert told in output
    assert compare(was, level1.fingerprint(), tmp_path) == ""
