"""After a reboot the protections are in force before the first session can start, and a session works."""

from __future__ import annotations

from support.host import Host
from support.session import assert_works

# Microseconds since the boot began; 0 for never.
SINCE = "systemctl show --property=ActiveEnterTimestampMonotonic --value"


def test_reboot(level1: Host) -> None:
    level1.reboot()
    level1.wait_until_active("ably-sandbox-session.socket", "ably-sandbox-proxy", "docker")
    filtered, docker = (int(level1.out(f"{SINCE} {unit}")) for unit in ("ably-sandbox-filter", "docker"))
    assert 0 < filtered < docker
    assert "drift" not in level1.out("ably-sandbox status")
    assert_works(level1)
