"""What cannot work is refused, or taken back, and nobody's container notices."""

from __future__ import annotations

import pytest
from support.host import LEVEL_1, Host, play
from support.others import others_at_work

DAEMON_JSON = "/etc/docker/daemon.json"
DROP_IN = "/etc/systemd/system/docker.service.d/others.conf"
# The command that makes it, and what is told.
REFUSED = {
    "sockets in the file": (
        f"""echo '{{"hosts": ["unix:///var/run/docker.sock"]}}' > {DAEMON_JSON}""",
        "mend it: Docker would not start with this file, also without us",
    ),
    "another cgroup driver": (
        f"""echo '{{"exec-opts": ["native.cgroupdriver=cgroupfs"]}}' > {DAEMON_JSON}""",
        "found native.cgroupdriver=cgroupfs, expected systemd",
    ),
    "a byte order mark": (
        f"printf '\\xef\\xbb\\xbf{{}}' > {DAEMON_JSON}",
        "Docker reads it, this collection does not rewrite such a file; remove it with sed",
    ),
}
# Fails the second start of those that it sees, and no other.
_SECOND = "echo x >> /run/starts; [ $(wc -l < /run/starts) -ne 2 ]"
FAILS_ONCE = (
    f"mkdir -p $(dirname {DROP_IN}); printf '[Service]\\nExecStartPre=/bin/sh -c \"{_SECOND}\"\\n' > {DROP_IN}; "
    "systemctl daemon-reload; systemctl restart docker"
)


@pytest.fixture(scope="module")
def ready(machine: Host) -> Host:
    machine.restore()
    machine.out("mkdir -p /etc/docker")
    return machine


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_before_anything_changes(ready: Host, name: str) -> None:
    make, told = REFUSED[name]
    ready.out(make)
    with others_at_work(ready, unbroken=True):
        status, output = play("site", LEVEL_1)
        assert status != 0
        assert told in " ".join(output.split()), output
        assert "Nothing was changed" in output
        assert ready.call("ls /var/lib/ably-sandbox")[0] != 0
    ready.out(f"rm {DAEMON_JSON}")


def test_a_restart_that_fails_is_taken_back(ready: Host) -> None:
    ready.out(FAILS_ONCE)
    with others_at_work(ready):
        status, output = play("site", LEVEL_1)
        assert status != 0
        told = " ".join(output.split())
        assert "docker.service: try-restart failed" in told, output
        assert "restored as they were" in told, output
        assert "does not run" not in told, output
        assert ready.call(f"test -e {DAEMON_JSON}")[0] != 0
