"""After a reboot at level 2 everything is in force before the first session."""

from __future__ import annotations

from support.host import Host
from support.session import assert_works

# Microseconds since the boot began; 0 for never.
SINCE = "systemctl show --property=ActiveEnterTimestampMonotonic --value"


def test_reboot(level2: Host) -> None:
    level2.reboot()
    level2.wait_until_active("ably-sandbox-session.socket", "ably-sandbox-proxy", "docker", "apparmor")
    loaded, filtered, docker = (
        int(level2.out(f"{SINCE} {unit}")) for unit in ("apparmor", "ably-sandbox-filter", "docker")
    )
    print(
        f"after the boot began: profiles {loaded // 10**6} s, filter {filtered // 10**6} s, Docker {docker // 10**6} s"
    )
    assert 0 < loaded < docker
    assert 0 < filtered < docker
    assert "ably-sandbox (enforce)" in level2.out("cat /sys/kernel/security/apparmor/profiles").splitlines()
    assert "drift" not in level2.out("ably-sandbox status")
    assert_works(level2)
