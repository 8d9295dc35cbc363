"""`ably-sandbox verify`: opens one real session through the real socket, and uses it.

The configured command has to start and its process to be proven. From within the session's network an allowed name is
looked up and greeted, and a foreign one is refused. Then the session is ended, and the ledger notes it.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from ipaddress import IPv4Address

from .._controls.names import SESSION_SOCKET
from .._engine.engine import Engine
from .._engine.errors import SandboxError
from .._engine.records import Record
from .._system.gateway_probe import check_refusal, greet, look_up, read_reason
from .._system.local_host import LocalHost
from .._system.rtnetlink import inside
from .._system.store import LedgerStore
from . import statuses
from .arguments import parser
from .serve import read_spec
from .session import Host
from .session_protocol import Hello, Opened, Outcome, Resize, receive_answer, send_hello

_SIZE = Resize(24, 80)
# How long a full house is waited for, a session to open, and one to be cleared away.
_BUSY_SECONDS, _BUSY_STEP = 60.0, 2.0
_OPENING_SECONDS = 180.0
_ENDING_SECONDS = 60.0
# A command that is not whole ends soon after it was started.
_LASTING_SECONDS = 1.0
_SHOWN = 400  # characters of what the command said


class VerificationFailed(SandboxError):
    """No session opens, or it cannot be used. `status`: what `ably-sandbox verify` ends with."""

    def __init__(self, message: str, hint: str | None = None, status: int = statuses.FAILED) -> None:
        super().__init__(message, hint)
        self.status = status


@dataclass(frozen=True)
class Report:
    """`reason` and `next_step` are empty when a session was opened and used. `warning`: what did not answer outside."""

    status: int
    reason: str = ""
    next_step: str = ""
    warning: str = ""


def main(arguments: Sequence[str]) -> int:
    """0 when a session was opened and used, 75 when all were in use for a minute, else 1."""
    options_parser = parser("verify", "Open one session, use it, and note that in the ledger.", ("--json",))
    options_parser.add_argument("name", help="an allowed name, such as realtime.ably.io")
    options_parser.add_argument("--lookup-only", action="store_true", help="look the name up, do not greet it over TLS")
    options = options_parser.parse_args(arguments)
    report = verify(options.name, not options.lookup_only)
    print(json.dumps(asdict(report)) if options.json else render_report(report))
    return report.status


def render_report(report: Report) -> str:
    if report.status != statuses.OK:
        next_step = f"\nnext: {report.next_step}" if report.next_step else ""
        return f"no session can be used: {report.reason}{next_step}"
    warning = f"\nwarning: {report.warning}" if report.warning else ""
    return f"a session was opened and used{warning}"


def verify(name: str, is_greeted: bool) -> Report:
    store = LedgerStore()
    before = store.read()
    try:
        with _opened_session() as opened:
            warning = _use(opened, name, is_greeted)
    except VerificationFailed as failed:
        return Report(failed.status, failed.message, failed.hint or "")
    except SandboxError as error:
        return Report(statuses.FAILED, error.message, error.hint or "")
    except OSError as error:
        return Report(
            statuses.FAILED, f"the session broke off: {error}", "journalctl -t ably-sandbox, and run it again"
        )
    return _note(Engine(LocalHost(), store), before, warning)


def _note(engine: Engine, before: Sequence[Record], warning: str) -> Report:
    if engine.prove(before, warning):
        return Report(statuses.OK, warning=warning)
    return Report(
        statuses.FAILED, "the host was changed while a session was being opened on it", "run it again", warning
    )


@contextlib.contextmanager
def _opened_session() -> Iterator[Opened]:
    """A session with its command running, proven. Ended and cleared away afterwards."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        with contextlib.ExitStack() as stack:
            master, slave = pty.openpty()
            stack.callback(os.close, master)
            stack.callback(os.close, slave)
            connection = stack.enter_context(contextlib.closing(_connect()))
            send_hello(connection, Hello({"TERM": "dumb"}, (), _SIZE), (slave, slave, slave))
            answer, said = _wait(connection, master, _OPENING_SECONDS)
            if isinstance(answer, Opened) and answer.proven:
                try:
                    yield answer
                finally:
                    _end(connection, master)
                return
            if isinstance(answer, Opened):
                answer, said = _wait(connection, master, _OPENING_SECONDS, said)
            if not _is_busy(answer) or time.monotonic() > deadline:
                raise _explain(answer, said)
        time.sleep(_BUSY_STEP)


def _end(connection: socket.socket, master: int) -> None:
    """Ends a session that has to be open still, and be cleared away afterwards. A command that has ended by itself is
    the reason for whatever went wrong with it.
    """
    answer, said = _wait(connection, master, _LASTING_SECONDS)
    if answer is not None:
        raise _explain(answer, said)
    connection.shutdown(socket.SHUT_WR)
    answer, _unused = _wait(connection, master, _ENDING_SECONDS)
    if answer is None:
        raise VerificationFailed("the session was opened, and is not cleared away", "journalctl -t ably-sandbox")


def _connect() -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        connection.connect(SESSION_SOCKET)
    except OSError as error:
        connection.close()
        raise VerificationFailed(
            f"{SESSION_SOCKET}: {error.strerror}", "systemctl status ably-sandbox-session.socket"
        ) from error
    return connection


def _wait(
    connection: socket.socket, master: int, seconds: float, said: bytes = b""
) -> tuple[Opened | Outcome | None, bytes]:
    """The service's next answer, None when it is gone or silent; and the end of what is on the terminal."""
    deadline = time.monotonic() + seconds
    while True:
        sources: list[socket.socket | int] = [connection, master]
        ready, _unused, _unused = select.select(sources, [], [], max(0.0, deadline - time.monotonic()))
        if master in ready:
            said = (said + os.read(master, 4096))[-_SHOWN:]
        if connection in ready:
            return receive_answer(connection), said
        if time.monotonic() > deadline:
            return None, said


def _is_busy(answer: Opened | Outcome | None) -> bool:
    return isinstance(answer, Outcome) and answer.status == statuses.BUSY


def _explain(answer: Opened | Outcome | None, said: bytes) -> VerificationFailed:
    if not isinstance(answer, Outcome):
        return VerificationFailed("the session neither opens nor says why", "journalctl -t ably-sandbox")
    if _is_busy(answer):
        return VerificationFailed(answer.message, "run the playbook again when there is room", statuses.BUSY)
    if answer.message:
        return VerificationFailed(answer.message, "journalctl -t ably-sandbox")
    text = " ".join(said.decode(errors="replace").split())
    return VerificationFailed(
        f"the configured command ended at once, with status {answer.status}: {text or 'it said nothing'}",
        "see sandbox_container_command, whether the image has that program, and sandbox_apparmor_executables",
    )


def _use(opened: Opened, name: str, is_greeted: bool) -> str:
    """What did not answer outside. SandboxError where the gateway does not do what it has to."""
    host = Host()
    gateway = read_spec(host.fragments).network.gateway
    pid = int(host.docker.get(f"/containers/ably-sandbox-{opened.session}/json")["State"]["Pid"])
    namespace = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        with inside(namespace):
            look_up(gateway, name)
            unanswered, since = greet(gateway, name) if is_greeted else ("", 0.0)
            check_refusal(gateway)
    finally:
        os.close(namespace)
    return _judge(gateway, name, unanswered, since) if unanswered else ""


def _judge(gateway: IPv4Address, name: str, session: str, since: float) -> str:
    is_outside, reason = read_reason(session, since)
    if not is_outside:
        raise VerificationFailed(f"gateway {gateway}: {name}: {reason}", "journalctl -u ably-sandbox-proxy")
    return f"{name} does not answer: {reason}"
