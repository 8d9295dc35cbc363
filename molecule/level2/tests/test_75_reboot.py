"""A reboot at level 2."""

from __future__ import annotations

from support.host import Host
from support.rebooted import assert_protected_from_the_start


def test_reboot(level2: Host) -> None:
    assert_protected_from_the_start(level2, "apparmor", "ably-sandbox-filter")
    assert "ably-sandbox (enforce)" in level2.out("cat /sys/kernel/security/apparmor/profiles").splitlines()
