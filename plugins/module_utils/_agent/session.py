"""One session in its place: files, container, proof of its protections, command line, removal."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .._controls.container.create import DEFAULT_ENVIRONMENT, PAUSE_TARGET, SessionIds, render_session_files
from .._controls.container.spec import SessionSpec
from .._controls.names import DOCKER_SOCKET, FRAGMENTS, RUNTIME_FOLDER
from .._controls.registry import find_missing, find_missing_in_process
from .._controls.seccomp.keys import Seccomp
from .._engine.errors import SandboxError
from .._system.docker_api import DockerApi, DockerApiError, DockerUnreachableError
from . import container, kernel, memory, network, statuses
from .journal import send_event
from .pump import Ending, Program, Pump
from .session_protocol import Hello, Opened, Outcome, Resize, send_answer
from .slots import Slot, free_slots
from .terminal import raw_mode

# Variables that describe a terminal, not a person; a session always takes them.
_ALWAYS_TAKEN = ("TERM", "COLORTERM", "LANG")
# Seconds for answers that a person waits for at the end, or that the traffic of the session waits for meanwhile.
_REMOVAL_PATIENCE = 15.0
_QUICK_PATIENCE = 3.0
# A command that cannot be started has ended by then.
_STARTING_SECONDS = 5.0
_HANGUP_STATUS = 128 + signal.SIGHUP
_KILLED_STATUS = 128 + signal.SIGKILL


class Refusal(SandboxError):
    """The session cannot be had. The message is for the person; `details` are for the journal."""

    def __init__(self, message: str, status: int = statuses.REFUSED, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.details = tuple(details)


def _prove_container(spec: SessionSpec, slot: int, pid: int) -> list[str]:
    """What the container lacks, read from the kernel once the pause program runs."""
    if not kernel.wait_for_program(pid, PAUSE_TARGET):
        return ["the pause program does not run"]
    return find_missing(spec, slot, kernel.observe_kernel(spec, slot, pid))


def _prove_process(spec: SessionSpec, slot: int, pid: int) -> list[str]:
    """What the command line's process lacks; one that has ended lacks nothing any more."""
    process = kernel.observe_process(pid)
    return find_missing_in_process(spec, slot, process) if process else []


def _rank(pid: int) -> Path:
    """Sees to it that the session goes before the host when memory is short; the session's control group."""
    cgroup = memory.cgroup_of(pid)
    memory.rank(cgroup, pid)
    return cgroup


@dataclass(frozen=True)
class Host:
    """Where things are on the host, and how its kernel is asked."""

    fragments: Path = Path(FRAGMENTS)
    runtime: Path = Path(RUNTIME_FOLDER)
    docker_socket: str = DOCKER_SOCKET
    attach: Callable[[SessionSpec, int, int], contextlib.AbstractContextManager[None]] = network.attached
    prove_container: Callable[[SessionSpec, int, int], list[str]] = _prove_container
    rank: Callable[[int], Path] = _rank
    prove_process: Callable[[SessionSpec, int, int], list[str]] = _prove_process
    tell: Callable[..., None] = send_event
    tidy: Callable[[], None] = container.tidy
    # Those who are told why a session is refused: they can read the journal anyway.
    operators: Collection[int] = (0,)

    @cached_property
    def docker(self) -> DockerApi:
        """The engine, asked for its version once."""
        return DockerApi(self.docker_socket)


def claim_slot(host: Host, spec: SessionSpec) -> Slot | None:
    """The first free place in which nothing is left; None when there is none.

    One that cannot be emptied is passed over, and taken by nobody else meanwhile: it must not keep the others closed.
    """
    with contextlib.ExitStack() as passed_over:
        for slot in free_slots(host.runtime / "slots", spec.uids):
            if _empty(host, spec, slot.number):
                return slot
            passed_over.callback(slot.close)
    return None


def _empty(host: Host, spec: SessionSpec, slot: int) -> bool:
    """Whether nothing of a killed service is left in this place, now that it was removed. Raises without an engine."""
    try:
        container.remove_leftovers(host.docker, spec.uid(slot))
    except DockerUnreachableError:
        raise
    except SandboxError as error:
        host.tell("left-behind", f"place {slot} is passed over: {error}", {"ABLY_UID": str(spec.host_uid(slot))})
        return False
    return True


class Session:
    """One session. `client`: the connection; `descriptors`: the person's; `wakeup`: readable on SIGTERM."""

    def __init__(self, host: Host, spec: SessionSpec, ids: SessionIds) -> None:
        self._host = host
        self._spec = spec
        self._ids = ids
        self._api = host.docker
        self._quick_api = DockerApi(host.docker_socket, _QUICK_PATIENCE)
        self.has_left_something = False
        self._pause = 0
        self._cgroup: Path | None = None

    def run(self, hello: Hello, client: socket.socket, descriptors: Sequence[int], wakeup: socket.socket) -> Outcome:
        """From an empty place to an empty place. Refusal when a protection is missing."""
        with self._files(), self._container():
            return self._run_command(hello, client, descriptors, wakeup)

    @contextlib.contextmanager
    def _files(self) -> Iterator[None]:
        folder = Path(self._ids.files)
        folder.mkdir(mode=0o755, parents=True)
        try:
            for name, content in render_session_files(self._spec, self._ids.slot).items():
                (folder / name).write_text(content, encoding="utf-8")
                (folder / name).chmod(0o644)
            yield
        finally:
            shutil.rmtree(folder)

    @contextlib.contextmanager
    def _container(self) -> Iterator[None]:
        """A container in which every protection has been seen in force; removed afterwards."""
        proven = None
        with contextlib.ExitStack() as opened:
            try:
                pid = container.start_container(self._api, self._spec, self._ids, self._read_seccomp())
                pidfd = opened.enter_context(_opened(pid))
                self._pause = pid
                opened.enter_context(self._host.attach(self._spec, self._ids.slot, pid))
                self._insist(self._host.prove_container(self._spec, self._ids.slot, pid))
                proven = pidfd
                yield
            finally:
                if not self._remove():
                    # Its first process takes all others along, without the engine.
                    _send_signal(proven, signal.SIGKILL)

    def _remove(self) -> bool:
        """Whether that worked. An engine that is down keeps nobody waiting here: the unit's ExecStopPost tries again,
        and so does the next session in this place before it starts.
        """
        try:
            container.remove_session(DockerApi(self._host.docker_socket, _REMOVAL_PATIENCE), self._ids.session)
        except SandboxError as error:
            self.has_left_something = True
            self._host.tell("left-behind", f"session {self._ids.session}: {error}", self.describe())
            return False
        return True

    def _insist(self, missing: Sequence[str]) -> None:
        if missing:
            raise Refusal(
                "this session was not opened, because one of its protections is not in force; "
                f"please tell the operator of this host (session {self._ids.session})",
                details=missing,
            )

    def _read_seccomp(self) -> str | None:
        wanted = self._spec.part(Seccomp)
        if wanted is None:
            return None
        try:
            profile = Path(wanted.profile).read_bytes()
        except FileNotFoundError:
            profile = b""
        if hashlib.sha256(profile).hexdigest() != wanted.sha256:
            self._insist([f"{wanted.profile} is not the seccomp profile that was written"])
        return profile.decode()

    def _run_command(
        self, hello: Hello, client: socket.socket, descriptors: Sequence[int], wakeup: socket.socket
    ) -> Outcome:
        command, began = self._choose_command(hello, descriptors), time.monotonic()
        with raw_mode(descriptors[0]) if command.terminal else contextlib.nullcontext():
            running = container.start_exec(self._api, self._spec, self._ids, command)
            with contextlib.closing(running.stream), self._process(running.identifier) as pidfd:
                if command.size:
                    self._resize(running.identifier, Resize(*command.size))
                program = Program(
                    stream=running.stream,
                    rest=running.rest,
                    terminal=command.terminal,
                    pidfd=pidfd,
                    resize=lambda size: self._resize(running.identifier, size),
                    terminate=lambda: _send_signal(pidfd, signal.SIGTERM),
                )
                self._host.tell("opened", f"session {self._ids.session} opened", self.describe())
                send_answer(client, Opened(self._ids.session, proven=pidfd is not None))
                ending = Pump(program, client, descriptors, wakeup).run()
        outcome = self._conclude(running.identifier, ending)
        if outcome.status and not hello.argv and time.monotonic() - began < _STARTING_SECONDS:
            self._refuse_without_interpreter()
        return outcome

    def _refuse_without_interpreter(self) -> None:
        """Where the configured command is a script that nothing in the container can read."""
        search = self._spec.env.get("PATH") or kernel.read_environment(self._pause).get("PATH", "")
        if why := container.explain_start(Path(f"/proc/{self._pause}/root"), search, self._spec.command):
            raise Refusal(
                "this session was not opened, because its command cannot be started; "
                f"please tell the operator of this host (session {self._ids.session})",
                details=[why],
            )

    def _choose_command(self, hello: Hello, descriptors: Sequence[int]) -> container.Command:
        terminal = os.isatty(descriptors[0]) and os.isatty(descriptors[1])
        taken = {*_ALWAYS_TAKEN, *self._spec.client_env}
        # The image's variables, which its first process has, and all that the operator or the person gives, come first.
        image = kernel.read_environment(self._pause)
        env = {name: value for name, value in DEFAULT_ENVIRONMENT.items() if name not in image}
        env.update((name, value) for name, value in hello.env.items() if name in taken)
        size = (hello.size.rows, hello.size.columns) if terminal and hello.size else None
        return container.Command(hello.argv or self._spec.command, env, terminal, size)

    @contextlib.contextmanager
    def _process(self, identifier: str) -> Iterator[int | None]:
        """The command line's process, proven; None when it has ended already."""
        pid = container.wait_for_pid(self._api, identifier)
        # Also where it has ended already: it may have left others behind.
        self._cgroup = self._host.rank(self._pause)
        with _opened(pid) as pidfd:
            if pidfd is not None:
                self._insist(self._host.prove_process(self._spec, self._ids.slot, pid))
            yield pidfd

    def _resize(self, identifier: str, size: Resize) -> None:
        container.resize_exec(self._quick_api, identifier, size.rows, size.columns)

    def _conclude(self, identifier: str, ending: Ending) -> Outcome:
        if ending is Ending.LEFT:
            return Outcome(_HANGUP_STATUS)
        if ending is Ending.OVERDUE:
            return Outcome(_KILLED_STATUS, "this session was ended by the host")
        try:
            status = container.wait_for_exit(self._quick_api, identifier)
        except (DockerApiError, DockerUnreachableError):
            status = None
        if status is None:
            return Outcome(statuses.BROKEN, "this session ended because the container engine was stopped or restarted")
        if status == _KILLED_STATUS and self._cgroup:
            return Outcome(status, memory.explain_kill(self._cgroup, self._spec.memory))
        return Outcome(status)

    def describe(self) -> Mapping[str, str]:
        """The journal fields that tell which session this is."""
        return {
            "ABLY_SESSION": self._ids.session,
            "ABLY_CONTAINER": self._ids.container,
            "ABLY_UID": str(self._spec.host_uid(self._ids.slot)),
        }


@contextlib.contextmanager
def _opened(pid: int) -> Iterator[int | None]:
    """A descriptor of the process; None when it has ended already. 0 is no process."""
    try:
        pidfd = os.pidfd_open(pid) if pid else None
    except ProcessLookupError:
        pidfd = None
    try:
        yield pidfd
    finally:
        if pidfd is not None:
            os.close(pidfd)


def _send_signal(pidfd: int | None, number: signal.Signals) -> None:
    if pidfd is not None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, number)
