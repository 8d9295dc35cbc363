"""A reboot at level 1."""

from __future__ import annotations

from support.host import Host
from support.rebooted import assert_protected_from_the_start


def test_reboot(level1: Host) -> None:
    assert_protected_from_the_start(level1, "ably-sandbox-filter")
