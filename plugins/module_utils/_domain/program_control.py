"""The control `program`: the host's own program, and the timer that takes back what nobody confirmed."""

from __future__ import annotations

from .._core.resources import Control
from .phases import owner_of
from .wishes import DAEMON_RELOAD, folder, footprint, unit, whole_file

ETC = "/etc/ably-sandbox"
FRAGMENTS = f"{ETC}/container.d"
PROGRAM = "/usr/local/bin/ably-sandbox"
REVERT_SERVICE = "ably-sandbox-revert.service"
REVERT_TIMER = "ably-sandbox-revert.timer"
_UNIT_FOLDER = "/etc/systemd/system"
# On a host without other timers, made when the first is enabled.
_TIMERS_FOLDER = f"{_UNIT_FOLDER}/timers.target.wants"

_SERVICE_TEXT = f"""\
[Unit]
Description=Take back what nobody confirmed (Ably sandbox)

[Service]
Type=oneshot
ExecStart={PROGRAM} revert --wait
# Until it succeeds: a host that lost its controller has nobody else.
Restart=on-failure
RestartSec=30
TimeoutStartSec=20min
"""

_TIMER_TEXT = """\
[Unit]
Description=Countdown of the Ably sandbox for what is not confirmed yet

[Timer]
# From the moment that a run arms it; after a reboot from the boot on, by the same clock that nobody can set.
OnActiveSec={seconds}
AccuracySec=1s

[Install]
WantedBy=timers.target
"""


def program_control(program: str, confirm_seconds: int) -> Control:
    """`program` is the host program's bytes (surrogateescape). What runs it comes after it, and goes before it."""
    timer = _TIMER_TEXT.format(seconds=confirm_seconds)
    wishes = (
        folder(ETC),
        folder(FRAGMENTS),
        whole_file(PROGRAM, program, mode=0o755),
        footprint("file", _TIMERS_FOLDER),
        whole_file(f"{_UNIT_FOLDER}/{REVERT_SERVICE}", _SERVICE_TEXT, DAEMON_RELOAD),
        whole_file(f"{_UNIT_FOLDER}/{REVERT_TIMER}", timer, DAEMON_RELOAD),
        unit(REVERT_TIMER),
    )
    return Control(owner_of("program"), wishes)
