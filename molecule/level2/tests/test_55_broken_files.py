"""Broken files are named before anything changes, all of them at once. No session notices."""

from __future__ import annotations

import pytest
from support.broken import broken
from support.host import LEVEL_2, Host, play
from support.session import assert_works

DAEMON_JSON = "/etc/docker/daemon.json"
DROP_IN = "/run/systemd/system/docker.service.d/flag.conf"
FLAG = f"""mkdir -p $(dirname {DROP_IN}); printf '[Service]\\nExecStart=\\nExecStart=/usr/sbin/dockerd -H fd:// \
--userns-remap=default\\n' > {DROP_IN}; systemctl daemon-reload"""


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (
            f"echo '{{' > {DAEMON_JSON}; echo 'broken:line' >> /etc/subuid",
            ("daemon.json: line 2 column 1: expected a key", "/etc/subuid line 2: ''broken:line''"),
        ),
        (
            f"sed -i '1a // a comment' {DAEMON_JSON}; {FLAG}; echo eve:1879048000:65536 | tee -a /etc/sub{{u,g}}id",
            (
                "daemon.json: line 2 column 1: expected a key in double quotes",
                "eve has 1879048000 to 1879113535 in /etc/subuid, expected ids of nobody",
                "eve has 1879048000 to 1879113535 in /etc/subgid, expected ids of nobody",
                "dockerd's command line: found --userns-remap",
            ),
        ),
    ],
)
def test_broken_files_are_named_before_anything_changes(level2: Host, script: str, told: tuple[str, ...]) -> None:
    ran = level2.out("systemctl show --property=InvocationID docker")
    with broken(level2, DAEMON_JSON, "/etc/subuid", "/etc/subgid"):
        level2.out(script)
        status, output = play("site", LEVEL_2)
        level2.out(f"rm --force {DROP_IN}; systemctl daemon-reload")
        assert status != 0
        assert "Nothing was changed" in output
        assert [said for said in told if said not in output] == [], output
    assert level2.out("systemctl show --property=InvocationID docker") == ran
    assert_works(level2)
