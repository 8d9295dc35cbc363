"""A second run of a play: nothing changes, nothing is written, nothing restarts, and it costs few module executions."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from support.host import Host, compare, play

VISITS = "--folder-mtime"
# Their invocation ids tell a restart.
_UNITS = """docker containerd ably.slice ably-sandbox.slice ably-sandbox-filter ably-sandbox-filter-watch \
ably-sandbox-dns ably-sandbox-proxy ably-sandbox-session.socket"""
# The manager's last reload, and the kernel's numbers of all rules, which are others once they have been loaded again.
_RELOADS = """systemctl show --property=UnitsLoadTimestampMonotonic; nft -a list ruleset | grep -o 'handle .*$'"""
# Whatever was touched since a moment, be it with what was there already. Not what the daemons write all the time.
_TOUCHED = """find / -xdev -newerct @{since} -not -type d -not -path '/proc/*' -not -path '/var/log/*' \
-not -path '/opt/lab/*' \
-not -path '/var/lib/docker/*' -not -path '/var/lib/containerd/*' -not -path '/var/lib/systemd/*' -not -path '/tmp/*'"""


def again(variables: Path) -> str:
    """What the same run prints once more."""
    status, output = play("site", variables)
    assert status == 0, output
    return output


def assert_settled(
    host: Host, was: dict[str, object], run: Callable[[], str], most_executions: int, folder: Path
) -> None:
    """`was`: the host's fingerprint with VISITS, so that a file which comes and goes is seen as well. `run`: once more,
    to what it prints.
    """

    def restarts() -> str:
        return host.out(f"systemctl show --property=Id,InvocationID,NRestarts {_UNITS}; {_RELOADS}")

    ran, since = restarts(), host.out("date +%s.%N")
    output = run()
    assert re.search(r"changed=0 ", output), output
    executions = host.out(f"journalctl --since=@{since} --output=cat | grep -c 'Invoked with'")
    print(f"module executions on the host: {executions}")
    assert int(executions) <= most_executions
    assert host.out(_TOUCHED.format(since=since)) == ""
    differences = compare(was, host.fingerprint(VISITS), folder)
    assert differences == "", differences
    assert restarts() == ran
    assert_no_session_since(host, since)


def assert_no_session_since(host: Host, since: str) -> None:
    told = host.out(f"journalctl --identifier=ably-sandbox --since=@{since} --output=cat")
    assert "opened" not in told, told
