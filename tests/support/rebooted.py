"""After a reboot the protections are in force before the first session can start, and a session works."""

from __future__ import annotations

from support.host import Host
from support.session import assert_works

# Microseconds since the boot began; 0 for never.
_SINCE = "systemctl show --property=ActiveEnterTimestampMonotonic --value"
_SERVING = ("ably-sandbox-session.socket", "ably-sandbox-proxy", "docker")


def assert_protected_from_the_start(host: Host, *protections: str) -> None:
    """Reboots. `protections`: units that have to be active before Docker, without which there is no session."""
    host.reboot()
    host.wait_until_active(*protections, *_SERVING)
    since = {unit: int(host.out(f"{_SINCE} {unit}")) for unit in (*protections, "docker")}
    print("seconds after the boot began:", {unit: moment // 10**6 for unit, moment in since.items()})
    assert all(0 < since[unit] < since["docker"] for unit in protections), since
    # The filter's unit has loaded it, and not its keeper later.
    assert "loaded again" not in host.out("journalctl --boot --unit=ably-sandbox-filter-watch --output=cat")
    assert "drift" not in host.out("ably-sandbox status")
    assert_works(host)
