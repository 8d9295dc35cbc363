"""A second run of a play: nothing changes, nothing is written, nothing restarts, and it costs few module executions."""

from __future__ import annotations

import re
from pathlib import Path

from support.host import Host, compare, play

VISITS = "--folder-mtime"
# Their invocation ids tell a restart.
_UNITS = """docker containerd ably-sandbox-filter ably-sandbox-filter-watch ably-sandbox-dns ably-sandbox-proxy \
ably-sandbox-session.socket"""


def assert_settled(host: Host, was: dict[str, object], variables: Path, most_executions: int, folder: Path) -> None:
    """`was`: the host's fingerprint with VISITS, so that a file which comes and goes is seen as well."""

    def restarts() -> str:
        return host.out(f"systemctl show --property=Id,InvocationID,NRestarts {_UNITS}")

    ran, since = restarts(), host.out("date +%s")
    status, output = play("site", variables)
    assert status == 0, output
    assert re.search(r"changed=0 ", output), output
    executions = host.out(f"journalctl --since=@{since} --output=cat | grep -c 'Invoked with'")
    print(f"module executions on the host: {executions}")
    assert int(executions) <= most_executions
    differences = compare(was, host.fingerprint(VISITS), folder)
    assert differences == "", differences
    assert restarts() == ran
