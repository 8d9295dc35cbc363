"""No run is green on a host on which no session opens: what preflight cannot see, the proof does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.host import CONTAINER, LEVEL_1, Host, play
from support.settled import assert_no_session_since


@contextmanager
def without_gateway(host: Host) -> Iterator[None]:
    host.out("mv /usr/sbin/haproxy /usr/sbin/haproxy.kept && cp /bin/false /usr/sbin/haproxy")
    host.call("systemctl restart ably-sandbox-proxy")
    try:
        yield
    finally:
        host.out("mv /usr/sbin/haproxy.kept /usr/sbin/haproxy; systemctl reset-failed ably-sandbox-proxy")
        host.out("systemctl restart ably-sandbox-proxy")


@contextmanager
def with_another_route(host: Host) -> Iterator[None]:
    """As a VPN of the host's makes it, once preflight has looked: when the control's own module has come."""
    wait = "until ls -d /tmp/ansible_*container_payload_*; do sleep 0.1; done"
    route = "ip route add 10.213.0.0/16 dev eth0 table 52; ip rule add pref 5270 lookup 52"
    host.out(f"systemd-run --quiet --collect --unit=lab-route sh -c '{wait}; {route}'")
    try:
        yield
    finally:
        host.out("systemctl stop lab-route; ip rule delete pref 5270; ip route flush table 52")


@contextmanager
def without_the_outside(host: Host) -> Iterator[None]:
    host.out("systemctl stop lab-world")
    try:
        yield
    finally:
        host.out("systemctl start lab-world")
        host.wait_until("test -e /run/lab/world-ready")


def site(folder: Path, more: str = "") -> tuple[int, str]:
    """`more`: variables beside the level's."""
    variables = folder / "proof.yml"
    variables.write_text(LEVEL_1.read_text() + more)
    status, output = play("site", variables, *CONTAINER)
    return status, " ".join(output.split())


def assert_unproven(host: Host, output: str, reason: str) -> None:
    assert f"no session can be used on this host: {reason}" in output, output
    assert "the changes stay; to take them back, on the host: ably-sandbox rollback --to-level 0" in output
    assert "unproven:   since 20" in host.out("ably-sandbox status || true")


def test_a_gateway_that_does_not_start(level1: Host, tmp_path: Path) -> None:
    with without_gateway(level1):
        for more in ("sandbox_container_pids: 60\n", "sandbox_container_pids: 60\n"):
            status, output = site(tmp_path, more)
            assert status != 0
            assert_unproven(level1, output, "gateway 10.213.0.1, port 443: [Errno 111] Connection refused")


def test_another_route_to_sessions(level1: Host, tmp_path: Path) -> None:
    """Nothing is changed by this run; but no session has been opened since the one before has."""
    with with_another_route(level1):
        status, output = site(tmp_path, "sandbox_container_pids: 60\n")
    assert status != 0
    assert_unproven(level1, output, "name server 10.213.0.1: realtime.ably.io: no answer within 6 s")


def test_a_command_that_is_not_there(level1: Host, tmp_path: Path) -> None:
    for _unused in ("the run that changes it", "the same run again"):
        status, output = site(tmp_path, "sandbox_container_command: [/nonexistent]\n")
        assert status != 0
        assert_unproven(level1, output, "the configured command ended at once, with status 12")
        assert "/nonexistent" in output


def test_an_outside_that_does_not_answer_is_a_warning(level1: Host, tmp_path: Path) -> None:
    """It also brings the command back that the test before has changed."""
    with without_the_outside(level1):
        status, output = site(tmp_path)
    assert status == 0, output
    assert "realtime.ably.io does not answer: the host's name servers do not resolve it" in output
    assert "warning:    realtime.ably.io does not answer" in level1.out("ably-sandbox status")


def test_a_proven_host_is_not_proven_again_unless_that_is_asked_for(level1: Host, tmp_path: Path) -> None:
    since = level1.out("date +%s")
    status, output = site(tmp_path)
    assert status == 0, output
    assert re.search("changed=0 ", output)
    assert_no_session_since(level1, since)
    status, output = site(tmp_path, "sandbox_verify: always\n")
    assert status == 0, output
    assert "opened" in level1.out(f"journalctl --identifier=ably-sandbox --since=@{since} --output=cat")
    assert "warning" not in level1.out("ably-sandbox status")
