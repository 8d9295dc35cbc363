"""A stand-in for Docker Engine: answers the few requests of a session on a Unix socket, and really runs what is
exec'd, in a pseudo-terminal or over pipes, on this machine and without any isolation. It shows that the protocol is
spoken; what a container holds back only the real engine can show.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import socketserver
import struct
import subprocess
import termios
import threading
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from ansible_collections.ably.sandbox.tests.unit.agent.stand_in_exec import Exec, run_in_terminal, run_over_pipes


@dataclass
class Container:
    identifier: str
    config: dict[str, Any]
    pause: subprocess.Popen[bytes] | None = None


@dataclass
class State:
    """What the engine holds. `requests`: (method, path) of everything that was asked; `refuse`: paths to answer 500."""

    containers: dict[str, Container] = field(default_factory=dict)
    execs: dict[str, Exec] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    created: list[dict[str, Any]] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)
    image_env: dict[str, str] = field(default_factory=dict)
    streams: list[socket.socket] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def remove(self, name: str) -> bool:
        with self.lock:
            container = self.containers.pop(name, None)
            execs = [entry for entry in self.execs.values() if entry.container == name]
        if container is None:
            return False
        for process in (container.pause, *(entry.process for entry in execs)):
            if process is not None:
                kill_group(process)
        return True


def kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def code_of(process: subprocess.Popen[bytes] | None) -> int | None:
    """128 + n after signal n, as containerd has it."""
    code = None if process is None else process.poll()
    return 128 - code if code is not None and code < 0 else code


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def state(self) -> State:
        return self.server.state  # type: ignore[attr-defined]

    def log_message(self, *_unused: Any) -> None:
        pass

    def address_string(self) -> str:
        return "unix"

    def do_GET(self) -> None:
        self.dispatch("GET")

    def do_POST(self) -> None:
        self.dispatch("POST")

    def do_DELETE(self) -> None:
        self.dispatch("DELETE")

    def dispatch(self, method: str) -> None:
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = url.path
        if path != "/version":
            assert path.startswith("/v1.44/"), path
            path = path[len("/v1.44") :]
        self.state.requests.append((method, path))
        query = dict(urllib.parse.parse_qsl(url.query))
        parts = path.strip("/").split("/")
        if path in self.state.refuse:
            self.answer(500, {"message": "stand-in: told to refuse"})
            return
        verb = {"json": "inspect"}.get(parts[-1], parts[-1])
        name = f"{method.lower()}_{parts[0]}_{verb}" if len(parts) == 3 else f"{method.lower()}_{'_'.join(parts[:2])}"
        if method == "DELETE":
            name = "delete_container"
        getattr(self, name)(parts, query, json.loads(body) if body else None)

    def answer(self, status: int, value: Any = None) -> None:
        content = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if content:
            self.wfile.write(content)

    def get_version(self, *_unused: Any) -> None:
        self.answer(200, {"ApiVersion": "1.45", "MinAPIVersion": "1.24"})

    def get_containers_json(self, _parts: Any, query: dict[str, str], _body: Any) -> None:
        label, _unused, value = json.loads(query["filters"])["label"][0].partition("=")
        with self.state.lock:
            found = [c for c in self.state.containers.values() if c.config["Labels"].get(label) == value]
        self.answer(200, [{"Id": container.identifier} for container in found])

    def post_containers_create(self, _parts: Any, query: dict[str, str], body: Any) -> None:
        with self.state.lock:
            self.state.created.append(body)
            self.state.containers[query["name"]] = Container(query["name"], body)
        self.answer(201, {"Id": query["name"]})

    def post_containers_start(self, parts: list[str], *_unused: Any) -> None:
        container = self.state.containers[parts[1]]
        env = {"PATH": os.environ["PATH"], **self.state.image_env}
        container.pause = subprocess.Popen(("sleep", "1000"), start_new_session=True, env=env)
        self.answer(204)

    def get_containers_inspect(self, parts: list[str], *_unused: Any) -> None:
        container = self.state.containers.get(parts[1])
        if container is None or container.pause is None:
            self.answer(404, {"message": f"No such container: {parts[1]}"})
            return
        self.answer(200, {"State": {"Pid": container.pause.pid}})

    def delete_container(self, parts: list[str], *_unused: Any) -> None:
        if self.state.remove(parts[1]):
            self.answer(204)
        else:
            self.answer(404, {"message": f"No such container: {parts[1]}"})

    def post_containers_exec(self, parts: list[str], _query: Any, body: Any) -> None:
        identifier = f"exec{len(self.state.execs)}"
        self.state.execs[identifier] = Exec(parts[1], body, self.state.image_env)
        self.answer(201, {"Id": identifier})

    def get_exec_inspect(self, parts: list[str], *_unused: Any) -> None:
        entry = self.state.execs.get(parts[1])
        if entry is None:
            self.answer(404, {"message": f"No such exec instance: {parts[1]}"})
            return
        code = code_of(entry.process)
        pid = entry.process.pid if entry.process else 0
        self.answer(200, {"Running": entry.process is not None and code is None, "Pid": pid, "ExitCode": code})

    def post_exec_resize(self, parts: list[str], query: dict[str, str], _body: Any) -> None:
        terminal = self.state.execs[parts[1]].terminal
        if terminal is None:
            self.answer(409, {"message": "stand-in: no terminal"})
            return
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", int(query["h"]), int(query["w"]), 0, 0))
        self.answer(200)

    def post_exec_start(self, parts: list[str], *_unused: Any) -> None:
        entry = self.state.execs[parts[1]]
        assert self.headers["Connection"] == "Upgrade"
        assert self.headers["Upgrade"] == "tcp"
        self.wfile.write(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
        self.wfile.flush()
        self.state.streams.append(self.connection)
        self.close_connection = True
        if entry.config["Tty"]:
            run_in_terminal(entry, self.connection)
        else:
            run_over_pipes(entry, self.connection)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    state: State


@contextlib.contextmanager
def run_engine(path: Path) -> Iterator[State]:
    """A stand-in engine at `path` while the context lasts; everything that it started is killed afterwards."""
    server = Server(str(path), Handler)
    server.state = State()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.state
    finally:
        for name in list(server.state.containers):
            server.state.remove(name)
        server.shutdown()
        server.server_close()
        path.unlink(missing_ok=True)
