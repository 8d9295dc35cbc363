"""From release 0.1.0, whose sessions are on a network of Docker's, to this one and back to nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

from support.holes import HOLES, find_holes
from support.host import KERNEL, LEVEL_1, LEVEL_2, Host, play
from support.lock_out import SHORT_OF_PATIENCE, already_in, locked_out
from support.rolled_back import assert_goes_back_to
from support.session import Terminal, assert_works, refused, wait_until_all_ended
from support.uses import NAMED, assert_they_work, in_use

LEDGER = "sha256sum /var/lib/ably-sandbox/ledger"
NETWORK = "docker network inspect ably-sandbox --format '{{.Internal}} {{(index .IPAM.Config 0).Subnet}}'"

DAEMON_JSON = "/etc/docker/daemon.json"

HEALED = 240


def test_the_four_holes_are_there(old: Host) -> None:
    """Else it would show nothing that they are closed afterwards."""
    assert find_holes(old) == HOLES
    wait_until_all_ended(old)


def test_open_sessions_stop_the_takeover(old: Host) -> None:
    ledger = old.out(LEDGER)
    with Terminal(old) as session:
        name = old.out("docker ps --filter label=io.ably.sandbox.session --format '{{.Names}}'")
        status, output = play("site", LEVEL_2)
        assert status != 0
        expected = f"open sessions {name.removeprefix('ably-sandbox-')}, expected none, because it is replaced"
        assert expected in " ".join(output.split()), output
        assert "roundtrip ok" in session.ask("roundtrip")
    wait_until_all_ended(old)
    assert old.out(LEDGER) == ledger


def test_the_level_is_kept_and_what_it_lacks_is_told(old: Host) -> None:
    status, output = play("status", LEVEL_2)
    assert status == 0, output
    assert re.search(r"level: ['\"]?2.*without:\s+- kernel", output, re.DOTALL), output


def test_what_the_host_uses_is_named_before_anything_changes(old: Host) -> None:
    ledger = old.out(LEDGER)
    with in_use(old):
        status, output = play("site", LEVEL_2)
        assert status != 0
        told = " ".join(output.split())
        for item, use in NAMED.items():
            assert re.search(rf"kernel item {re.escape(item)}: found [^;]*{re.escape(use)}", told), told
        assert "Nothing was changed" in told
        assert old.out(LEDGER) == ledger
        assert_they_work(old)


def test_what_nobody_confirms_has_dockers_network_back(old: Host) -> None:
    """That the host takes it back by itself is shown at level 1; here somebody has it done at once."""
    with already_in(old) as inside, locked_out(old, "ably-sandbox-dns", "ip link show ably-gateway"):
        status, output = play("site", LEVEL_2, *SHORT_OF_PATIENCE)
        assert status != 0
        assert "could not be confirmed over a new connection" in output, output
        told, _unused = inside.communicate("ably-sandbox status; ably-sandbox revert\n", timeout=HEALED)
        assert "on trial:   egress (phase 1)" in told
        assert "taken back, because nobody confirmed it: egress (phase 1)" in told
    assert old.out(NETWORK) == "true 10.213.0.0/24"
    assert "does not exist" in old.call("ip link show ably-gateway")[1]
    assert "drift" not in old.out("ably-sandbox status")
    assert "unproven" in old.out("ably-sandbox status")
    # The agent is this release's already, and does not open sessions on the other's network.
    refused(old, "12-network.json: network.name: unknown key")


def test_it_is_taken_over_with_what_it_uses_left_out(old: Host, tmp_path: Path) -> None:
    variables = tmp_path / "left-out.yml"
    variables.write_text(LEVEL_2.read_text() + f"sandbox_kernel_left_out: {json.dumps(list(NAMED))}\n")
    with in_use(old):
        status, output = play("site", variables)
        assert status == 0, output
        assert_they_work(old)
    told = old.out("ably-sandbox status")
    assert "level:      2\n" in told
    assert "drift" not in told
    assert "unproven" not in told
    assert old.call(NETWORK)[0] != 0
    assert old.call("ip link show ably-sandbox0")[0] != 0
    assert_works(old)


def test_what_was_left_out_is_closed_when_it_is_no_longer_used(old: Host) -> None:
    status, output = play("site", LEVEL_2, *KERNEL)
    assert status == 0, output
    assert re.search("changed=1 ", output), output
    assert old.out("cat /proc/sys/kernel/unprivileged_userns_clone") == "0"


def test_the_four_holes_are_closed(old: Host) -> None:
    assert find_holes(old) == set()
    wait_until_all_ended(old)


def test_level_1_is_this_releases(old: Host) -> None:
    """Docker is back on its former folder, in which its network was."""
    old.out("ably-sandbox rollback --to-level 1")
    assert old.call(NETWORK)[0] != 0
    assert old.call("ip link show ably-sandbox0")[0] != 0
    status, output = play("site", LEVEL_1)
    assert status == 0, output
    assert re.search("changed=0 ", output), output
    assert_works(old)


def test_level_0_is_what_it_was(old: Host, before: dict[str, object], tmp_path: Path) -> None:
    assert_goes_back_to(before, old, tmp_path)


def test_a_host_at_level_1_keeps_its_level_and_is_completed(
    old: Host, before: dict[str, object], tmp_path: Path
) -> None:
    old.restore("release-level1")
    status, output = play("site", LEVEL_1)
    assert status == 0, output
    assert "this host is at level 1 without kernel; this run completes it" in " ".join(output.split())
    assert "level:      1\n" in old.out("ably-sandbox status")
    assert_told_where_nothing_changes(old)
    assert_goes_back_to(before, old, tmp_path)


def assert_told_where_nothing_changes(host: Host) -> None:
    """With a file with which Docker would not start again, which release 0.1.0 did not look at."""
    host.out(f"cp --archive {DAEMON_JSON} /run/kept.json")
    host.out(f"""sed -i '0,/{{/s//{{"ipv6": "true",/' {DAEMON_JSON}""")
    told = "mend it: Docker would not start with this file, also without us"
    status, output = play("site", LEVEL_1)
    assert (status, "changed=0 " in output) == (0, True), output
    assert told in " ".join(output.split()), output
    assert_works(host)
    status, output = play("site", LEVEL_1, "--extra-vars", '{"sandbox_docker_daemon_config": {"debug": true}}')
    assert status != 0
    assert told in " ".join(output.split()), output
    host.out(f"cp --archive /run/kept.json {DAEMON_JSON}")
