"""`ably-sandbox serve`: one session, from the connection that systemd accepted to the container's removal.

Nothing of the person's reaches the container before the kernel has confirmed every protection, and whatever happens
the container is gone at the end: by this program, by `serve --clean-up` after a crash, or by the next session in the
same place.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from .._controls.container.create import SessionIds
from .._controls.container.spec import SessionSpec
from .._controls.registry import parse_spec
from .._engine.errors import SandboxError
from .._system.docker_api import DockerApi, DockerUnreachableError
from .._system.fragments import read_fragments
from . import statuses
from .container import remove_session
from .journal import WARNING
from .session import Host, Refusal, Session, claim_slot
from .session_protocol import Hello, Outcome, ProtocolError, receive_hello, send_answer
from .slots import free_slots

_ENGINE_PATIENCE = 20.0
_ENGINE_STEP = 1.0
_SESSION_DIGITS = 12
# Whoever connects and says nothing is let go. Of each person as many may wait at once; root is not counted.
_HELLO_PATIENCE = 20.0
_MOST_WAITING = 4


def main(arguments: Sequence[str], host: Host | None = None) -> int:
    """Serves the connection on standard input. 0 also for a refused session: the service did its work.

    1 when something of the session is left: systemd then starts `serve --clean-up`.
    """
    session = os.environ.get("INVOCATION_ID", secrets.token_hex(16))[:_SESSION_DIGITS]
    if list(arguments) == ["--clean-up"]:
        return clean_up(host or Host(), session)
    if arguments:
        print("usage: ably-sandbox serve [--clean-up]   (started by systemd)", file=sys.stderr)
        return statuses.USAGE
    with socket.socket(fileno=os.dup(0)) as client, _termination() as wakeup:
        client.settimeout(_HELLO_PATIENCE)
        outcome = Outcome(statuses.BROKEN, f"this session broke off; please tell the operator of this host ({session})")
        service = Service(host or Host(), session)
        try:
            outcome = service.serve(client, wakeup)
        finally:
            send_answer(client, outcome)
    return statuses.FAILED if service.has_left_something else statuses.OK


def clean_up(host: Host, session: str) -> int:
    """Removes what a killed service left. Waits for an engine that is just being restarted."""
    shutil.rmtree(host.runtime / "sessions" / session, ignore_errors=True)
    deadline = time.monotonic() + _ENGINE_PATIENCE
    while True:
        try:
            remove_session(DockerApi(host.docker_socket), session)
        except DockerUnreachableError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_ENGINE_STEP)
        else:
            return 0


def read_spec(folder: Path) -> SessionSpec:
    """The specification that the controls have left in `folder`."""
    return parse_spec(read_fragments(folder))


@contextlib.contextmanager
def _termination() -> Iterator[socket.socket]:
    """A socket that becomes readable on SIGTERM; the signal itself interrupts nothing half done."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    signal.signal(signal.SIGTERM, lambda *_unused: None)
    previous = signal.set_wakeup_fd(theirs.fileno())
    try:
        yield ours
    finally:
        signal.set_wakeup_fd(previous)
        ours.close()
        theirs.close()


class Service:
    """What stands around a session: who asks, whether there is room, what the journal hears."""

    def __init__(self, host: Host, session: str) -> None:
        self._host = host
        self._session = session
        self._fields = {"ABLY_SESSION": session}
        self.has_left_something = False
        self._is_operator = False

    def serve(self, client: socket.socket, wakeup: socket.socket) -> Outcome:
        """One connection. Every expected failure is an outcome with a sentence, and an event."""
        uid = _read_peer_uid(client)
        self._fields["ABLY_PEER_UID"] = str(uid)
        self._is_operator = uid in self._host.operators
        try:
            with _waiting(self._host.runtime / "waiting" / str(uid), uid):
                hello, descriptors = receive_hello(client)
        except ProtocolError as error:
            return self._refuse(Refusal(str(error)))
        except Refusal as refusal:
            return self._refuse(refusal)
        try:
            return self._admit(hello, client, descriptors, wakeup)
        except Refusal as refusal:
            return self._refuse(refusal)
        except SandboxError as error:
            return self._refuse(self._hide(error))
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _admit(self, hello: Hello, client: socket.socket, descriptors: Sequence[int], wakeup: socket.socket) -> Outcome:
        spec = read_spec(self._host.fragments)
        if hello.argv and not spec.any_command:
            raise Refusal("this host opens sessions with its own command only")
        slot = claim_slot(self._host, spec)
        if slot is None:
            raise Refusal(f"all {spec.sessions} sessions are in use, please try again later", statuses.BUSY)
        with contextlib.closing(slot):
            ids = SessionIds(self._session, slot.number, str(self._host.runtime / "sessions" / self._session))
            session = Session(self._host, spec, ids)
            self._fields.update(session.describe())
            began = time.monotonic()
            try:
                outcome = session.run(hello, client, descriptors, wakeup)
            finally:
                self.has_left_something = session.has_left_something
        self._leave_image(spec)
        fields = {**self._fields, "ABLY_STATUS": str(outcome.status), "ABLY_SECONDS": f"{time.monotonic() - began:.1f}"}
        self._host.tell("ended", f"session {self._session} ended with status {outcome.status}", fields)
        return outcome

    def _leave_image(self, spec: SessionSpec) -> None:
        """The last session on an image that another one has taken the place of takes it along.

        By a program of its own: what that needs, no session has to wait for, and this one's file may be another by now.
        """
        try:
            if read_spec(self._host.fragments).image != spec.image:
                self._host.tidy()
        except SandboxError as error:
            self._host.tell("left-behind", f"session {self._session}: image {spec.image}: {error}", self._fields)

    def _refuse(self, refusal: Refusal) -> Outcome:
        reason = "; ".join(refusal.details) or refusal.message
        fields = {**self._fields, "ABLY_REASON": reason, "ABLY_STATUS": str(refusal.status)}
        self._host.tell("refused", f"session {self._session} refused: {reason}", fields, WARNING)
        return Outcome(refusal.status, reason if self._is_operator else refusal.message)

    def _hide(self, error: SandboxError) -> Refusal:
        """The person is told that it is not their fault, the journal is told what it is."""
        return Refusal(
            f"this session could not be opened; please tell the operator of this host (session {self._session})",
            details=[str(error)],
        )


@contextlib.contextmanager
def _waiting(folder: Path, uid: int) -> Iterator[None]:
    """One of the few places that a person has for connections that have not said yet what they want."""
    if uid == 0:
        yield
        return
    place = next(free_slots(folder, range(_MOST_WAITING)), None)
    if place is None:
        raise Refusal(
            f"{_MOST_WAITING} connections of yours have asked for nothing yet; try again later", statuses.BUSY
        )
    with contextlib.closing(place):
        yield


def _read_peer_uid(client: socket.socket) -> int:
    """Who is on the other side, from the kernel."""
    credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", credentials)[1])
