"""One host's worth of stand-ins, and the people who open sessions on it over real pseudo-terminals and pipes."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.ably.sandbox.tests.unit.agent.fragments import FRAGMENTS
from ansible_collections.ably.sandbox.tests.unit.agent.stand_in_engine import State, run_engine

PATIENCE = 20.0
CLIENT = """import sys
from ansible_collections.ably.sandbox.plugins.module_utils._agent.session_client import main
sys.exit(main(sys.argv[2:], sys.argv[1]))
"""
SERVICE = "ansible_collections.ably.sandbox.tests.unit.agent.stand_in_service"


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {PATIENCE} s")


def python_environment(**more: str) -> dict[str, str]:
    collections = Path(__file__).resolve().parents[3] / ".cache" / "collections"
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(collections), "PYTHONDONTWRITEBYTECODE": "1", **more}


@dataclass
class Person:
    """Somebody at a terminal. `before`: its settings before the session."""

    process: subprocess.Popen[bytes]
    master: int
    slave: int
    before: list[Any]
    seen: bytes = b""

    def type(self, data: bytes) -> None:
        os.write(self.master, data)

    def read_until(self, wanted: bytes) -> bytes:
        deadline = time.monotonic() + PATIENCE
        while wanted not in self.seen:
            ready, _unused, _unused = select.select([self.master], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"expected {wanted!r} on the terminal, found {self.seen!r}"
            self.seen += os.read(self.master, 65536)
        return self.seen

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def wait(self) -> int:
        """The exit status; what is on the terminal meanwhile is read."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"the client does not end; on the terminal: {self.seen!r}"
            if select.select([self.master], [], [], 0.02)[0]:
                self.seen += os.read(self.master, 65536)
        while select.select([self.master], [], [], 0.05)[0]:
            self.seen += os.read(self.master, 65536)
        return self.process.returncode

    @property
    def settings(self) -> list[Any]:
        return termios.tcgetattr(self.slave)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@dataclass
class Stand:
    """The host. `services`: one process for each connection so far."""

    folder: Path
    engine: State
    services: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def socket(self) -> str:
        return str(self.folder / "session.sock")

    def configure(self, **changed: Any) -> None:
        """What the kernel says, how long the grace is; unnamed ones go back to how they were at first."""
        (self.folder / "kernel.json").write_text(json.dumps({"container": [], "process": [], "grace": 10.0, **changed}))

    def write_fragment(self, name: str, value: dict[str, Any]) -> None:
        (self.folder / "container.d" / name).write_text(json.dumps(value))

    def events(self) -> list[dict[str, Any]]:
        path = self.folder / "journal"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def start_service(self, connection: socket.socket) -> None:
        """As systemd does it with Accept=yes."""
        number = f"{len(self.services):032x}"[::-1]
        self.services.append(
            subprocess.Popen(
                (sys.executable, "-m", SERVICE, str(self.folder)),
                stdin=connection.fileno(),
                env=python_environment(INVOCATION_ID=number),
            )
        )

    def clean_up(self, number: int) -> None:
        """As the unit's ExecStopPost does it."""
        subprocess.run(
            (sys.executable, "-m", SERVICE, str(self.folder), "--clean-up"),
            env=python_environment(INVOCATION_ID=f"{number:032x}"[::-1]),
            check=True,
        )

    def client(self, *command: str) -> tuple[str, ...]:
        return (sys.executable, "-c", CLIENT, self.socket, *(("--", *command) if command else ()))

    @contextlib.contextmanager
    def person(self, *command: str, rows: int = 24, columns: int = 80, **env: str) -> Iterator[Person]:
        """Somebody who opens a session in a terminal of this size."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        before = termios.tcgetattr(slave)
        process = subprocess.Popen(
            self.client(*command),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=python_environment(TERM="xterm", **env),
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  # one system call
        )
        person = Person(process, master, slave, before)
        try:
            yield person
        finally:
            person.close()

    def pipe(
        self, command: Sequence[str], given: bytes = b"", env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """A session without a terminal."""
        return subprocess.run(
            self.client(*command),
            input=given,
            capture_output=True,
            env=python_environment(**(env or {})),
            timeout=PATIENCE,
            check=False,
        )

    def wait_until_empty(self) -> None:
        """Until every service has ended and nothing of a session is left."""
        wait_until(lambda: all(service.poll() is not None for service in self.services), "services end")
        assert not self.engine.containers
        assert not list((self.folder / "run" / "sessions").iterdir())


def _accept(stand: Stand, listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _unused = listener.accept()
            with connection:
                stand.start_service(connection)


@contextlib.contextmanager
def run_stand(folder: Path) -> Iterator[Stand]:
    """A host with level 1's fragments, whose sessions may run any command."""
    (folder / "container.d").mkdir()
    for name, value in FRAGMENTS.items():
        (folder / "container.d" / name).write_text(json.dumps(value))
    with run_engine(folder / "docker.sock") as engine:
        stand = Stand(folder, engine)
        stand.configure()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(stand.socket)
        listener.listen()
        thread = threading.Thread(target=_accept, args=(stand, listener), daemon=True)
        thread.start()
        try:
            yield stand
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join()
            for service in stand.services:
                if service.poll() is None:
                    service.send_signal(signal.SIGKILL)
                service.wait()
