"""Whatever a change may do to a host's network: once it is made, no new ssh connection gets in."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from lab.settings import HOST

from support.host import Host

# For a play that is to be locked out: seconds that it waits for its new connection.
SHORT_OF_PATIENCE = ("--timeout", "20")
_SCRIPT = """\
mkdir -p /run/systemd/system/{unit}.service.d
cat > /run/systemd/system/{unit}.service.d/lock-out.conf <<'END'
[Service]
ExecStartPost=+/bin/sh /run/lock-out
END
cat > /run/lock-out <<'END'
nft destroy table inet lock_out
{is_made} || exit 0
nft -f - <<'RULES'
table inet lock_out {{
  chain input {{
    type filter hook input priority 0
    tcp dport 22 ct state new drop
  }}
}}
RULES
END
systemctl daemon-reload
"""
_LET_IN = "rm -f /run/systemd/system/{unit}.service.d/lock-out.conf /run/lock-out; systemctl daemon-reload"


@contextmanager
def locked_out(host: Host, unit: str, is_made: str) -> Iterator[None]:
    """`unit`: a service that the change restarts, and its way back again; `is_made`: a command that sees the change."""
    host.out(_SCRIPT.format(unit=unit, is_made=is_made))
    yield
    host.out(_LET_IN.format(unit=unit))


@contextmanager
def already_in(host: Host) -> Iterator[subprocess.Popen[str]]:
    """A shell over a connection of its own, which is there before new ones are refused."""
    command = ("ssh", "-F", host.config, "-o", "ControlPath=none", HOST, "echo in; exec sh")
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as shell:
        assert shell.stdout
        assert shell.stdout.readline() == "in\n"
        yield shell
        shell.kill()
