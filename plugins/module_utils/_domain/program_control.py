"""The control `program`: the host's own program, and the countdown that takes back what nobody confirmed."""

from __future__ import annotations

from .._core.resources import Control, Resource, Wish
from .._core.states import present
from .phases import owner_of
from .wishes import DAEMON_RELOAD, folder, whole_file

ETC = "/etc/ably-sandbox"
FRAGMENTS = f"{ETC}/container.d"
PROGRAM = "/usr/local/bin/ably-sandbox"
REVERT_SERVICE = "ably-sandbox-revert.service"

_SERVICE_TEXT = """\
[Unit]
Description=Take back what nobody confirmed (Ably sandbox)
StartLimitIntervalSec=0

[Service]
Type=exec
# Ends at once where nothing is on trial. A process that waits, not a timer: systemd begins to count anew whenever
# anybody has it reload its files.
ExecStart={program} revert --after {seconds}
# Until it succeeds: a host that lost its controller has nobody else.
Restart=on-failure
RestartSec=30

[Install]
WantedBy=multi-user.target
"""


def program_control(program: str, confirm_seconds: int) -> Control:
    """`program` is the host program's bytes (surrogateescape). What runs it comes after it, and goes before it."""
    service = _SERVICE_TEXT.format(program=PROGRAM, seconds=confirm_seconds)
    wishes = (
        folder(ETC),
        folder(FRAGMENTS),
        whole_file(PROGRAM, program, mode=0o755),
        whole_file(f"/etc/systemd/system/{REVERT_SERVICE}", service, DAEMON_RELOAD),
        # A trial starts it, and so does a boot that comes in the middle of one.
        Wish(Resource("unit", REVERT_SERVICE), present(enabled="enabled")),
    )
    return Control(owner_of("program"), wishes)
