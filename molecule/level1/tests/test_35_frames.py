"""Whose packet it is follows from the session's port, whoever sends it in there, and whatever happened to the host."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.forged import assert_forged_frames_are_dropped
from support.host import Host
from support.session import Terminal

TABLES = "nft list table inet ably_sandbox && nft list table bridge ably_sandbox"


def test_forged_frames(level1: Host) -> None:
    assert_forged_frames_are_dropped(level1)


def test_forged_frames_after_a_flush(level1: Host) -> None:
    level1.out("nft flush ruleset")
    level1.wait_until(TABLES, 10)
    assert_forged_frames_are_dropped(level1)


# The name of a manager of the host's network, and how it would take every bridge for its own if it were let.
MANAGERS = {
    "systemd-networkd": (
        "/run/systemd/network/50-all.network",
        "[Match]\nType=bridge\n[Network]\nAddress=192.0.2.77/24\nConfigureWithoutCarrier=yes\n",
    ),
    "networking": ("/etc/network/interfaces.d/lab", "auto lab0\niface lab0 inet manual\n pre-up true\n"),
}
OURS = """\
ip -oneline address show dev ably-gateway; cat /sys/class/net/ably-gateway/address
nft -s -t list table inet ably_sandbox; nft -s -t list table bridge ably_sandbox"""


@pytest.fixture(scope="module")
def session(level1: Host) -> Iterator[Terminal]:
    with Terminal(level1) as session:
        yield session


@pytest.mark.parametrize("manager", MANAGERS)
def test_managers_of_the_hosts_network_leave_ours_alone(level1: Host, session: Terminal, manager: str) -> None:
    path, content = MANAGERS[manager]
    before = level1.out(OURS)
    level1.out(f"mkdir -p $(dirname {path}) && cat > {path}", stdin=content.encode())
    try:
        level1.out(f"systemctl restart {manager}; sleep 2; systemctl restart {manager}; sleep 2")
        assert level1.out(OURS) == before
        assert session.ask("reach") == "reached rest.ably.io: 200"
        if manager == "systemd-networkd":
            # The control: another bridge is taken.
            assert "192.0.2.77" in level1.out("ip -oneline address show dev docker0")
    finally:
        level1.out(f"rm {path}")
        if manager != "networking":
            level1.out(f"systemctl stop systemd-networkd.socket {manager}")
        level1.out("ip address delete 192.0.2.77/24 dev docker0 2>/dev/null || true")


def test_networkmanager_is_told_to_leave_ours_alone(level1: Host, session: Terminal) -> None:
    """By the property of udev that it goes by; it is not in the lab itself."""
    assert session
    for name in ("ably-gateway", "ably-slot-000"):
        assert "NM_UNMANAGED=1" in level1.out(f"udevadm info /sys/class/net/{name}")
    assert "NM_UNMANAGED" not in level1.out("udevadm info /sys/class/net/docker0")
