"""`ably-sandbox seccomp-record`: runs a command as a session would, and tells which system calls the filter refuses it.

The container is a session's in everything but one thing: what the filter refuses is done, and recorded. For operators,
on a host where nobody is at home: a command that is recorded is a command that is trusted.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence

from .._controls.container.create import SessionIds
from .._controls.container.spec import SessionSpec
from .._controls.seccomp.keys import Seccomp
from .._controls.seccomp.profile import read_additional, read_calls, render_record_profile
from .._controls.seccomp.records import AUDIT_ARCHITECTURES, render_findings, sort_records
from .._engine.errors import SandboxError
from .._system.audit_records import CallListener, listen
from .._system.libseccomp import SystemCalls
from . import statuses
from .arguments import parser
from .serve import read_spec
from .session import Host, Refusal, Session, claim_slot
from .session_protocol import Hello, Outcome, Resize

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_NO_SIZE = (80, 24)


class RecordedSession(Session):
    """A session under the filter that records. `profile`: the one that is on the host, once it was read."""

    profile = ""

    def _read_seccomp(self) -> str | None:
        self.profile = super()._read_seccomp() or ""
        return render_record_profile(self.profile)


def main(
    arguments: Sequence[str],
    host: Host | None = None,
    listening: Callable[[], contextlib.AbstractContextManager[CallListener]] = listen,
) -> int:
    """The command's exit status. What was found goes to standard error: standard output is the command's."""
    options = _parse(arguments)
    where = host or Host()
    spec = read_spec(where.fragments)
    if spec.part(Seccomp) is None:
        raise SandboxError("seccomp-record: sessions have no filter on this host", "bring it to level 2")
    slot = claim_slot(where, spec)
    if slot is None:
        print(f"ably-sandbox: all {spec.sessions} sessions are in use", file=sys.stderr)
        return statuses.BUSY
    with contextlib.closing(slot), listening() as listener:
        session = _make_session(where, spec, slot.number)
        outcome = _run(session, tuple(options.command), options.seconds)
        _tell(session, listener, spec.host_uid(slot.number))
    return outcome.status


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    made = parser("seccomp-record", "Record which refused system calls a command makes in a session.", ())
    made.add_argument("--seconds", type=float, help="end the command after this time")
    made.add_argument("command", nargs="+", metavar="COMMAND", help="after --, with its arguments")
    return made.parse_args(arguments)


def _make_session(host: Host, spec: SessionSpec, slot: int) -> RecordedSession:
    name = secrets.token_hex(6)
    return RecordedSession(host, spec, SessionIds(name, slot, str(host.runtime / "sessions" / name)))


def _run(session: RecordedSession, command: tuple[str, ...], seconds: float | None) -> Outcome:
    """To the command's end. A refusal says what is missing: whoever runs this is the operator."""
    client, ours = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with client, ours, _wakeup(seconds) as wakeup:
        try:
            return session.run(Hello(dict(os.environ), command, _read_size()), client, (0, 1, 2), wakeup)
        except Refusal as refusal:
            reason = "; ".join(refusal.details) or refusal.message
            raise SandboxError(f"seccomp-record: the container is not as it has to be: {reason}") from refusal


def _tell(session: RecordedSession, listener: CallListener, uid: int) -> None:
    arch, calls = AUDIT_ARCHITECTURES[platform.machine()], read_calls(session.profile)
    findings = sort_records(listener.records_of(uid), arch, SystemCalls().name, calls)
    sys.stdout.flush()
    print(render_findings(findings, read_additional(session.profile)), end="", file=sys.stderr)
    if not listener.is_complete:
        print("# records were lost, the command makes too many such calls at once: record it again", file=sys.stderr)


def _read_size() -> Resize:
    columns, lines = os.get_terminal_size(0) if os.isatty(0) else _NO_SIZE
    return Resize(lines, columns)


@contextlib.contextmanager
def _wakeup(seconds: float | None) -> Iterator[socket.socket]:
    """A socket that becomes readable on a signal that would end us, and when the time is over."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    former = {number: signal.signal(number, lambda *_unused: None) for number in _SIGNALS}
    descriptor = signal.set_wakeup_fd(theirs.fileno())
    timer = threading.Timer(seconds or 0.0, theirs.send, (b"\0",))
    if seconds is not None:
        timer.start()
    try:
        yield ours
    finally:
        timer.cancel()
        signal.set_wakeup_fd(descriptor)
        for number, handler in former.items():
            signal.signal(number, handler)
        ours.close()
        theirs.close()
