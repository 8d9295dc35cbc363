"""What the stand-in engine does when it is told to exec: a process of this machine, in a terminal or over pipes."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import signal
import socket
import struct
import subprocess
import termios
import threading
from dataclasses import dataclass
from typing import Any


@dataclass
class Exec:
    container: str
    config: dict[str, Any]
    image_env: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    terminal: int | None = None


def environment(entry: Exec) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], **entry.image_env, **dict(pair.split("=", 1) for pair in entry.config["Env"])}


def _take_terminal() -> None:
    """And the signals as a container's first process has them: whoever runs tests in the background ignores some."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(entry: Exec, **streams: Any) -> subprocess.Popen[bytes]:
    """A script without its interpreter ends as runc 1.1.15 has it end, under Docker 26.1."""
    given: dict[str, Any] = {**streams, "env": environment(entry), "start_new_session": True}
    try:
        return subprocess.Popen(entry.config["Cmd"], **given)
    except FileNotFoundError as error:
        said = f"exec {entry.config['Cmd'][0]}: no such file or directory"
        return subprocess.Popen(("sh", "-c", 'echo "$1" >&2; exit 1', str(error.errno), said), **given)


def run_in_terminal(entry: Exec, stream: socket.socket) -> None:
    master, slave = pty.openpty()
    entry.terminal = master
    rows, columns = entry.config.get("ConsoleSize") or (0, 0)
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    entry.process = start(entry, stdin=slave, stdout=slave, stderr=slave, preexec_fn=_take_terminal)
    os.close(slave)
    threading.Thread(target=feed, args=(stream, master), daemon=True).start()
    with contextlib.suppress(OSError):
        while data := os.read(master, 65536):
            stream.sendall(data)
    entry.process.wait()
    with contextlib.suppress(OSError):
        stream.shutdown(socket.SHUT_RDWR)
    entry.terminal = None


def run_over_pipes(entry: Exec, stream: socket.socket) -> None:
    process = start(entry, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    entry.process = process
    assert process.stdin
    assert process.stdout
    assert process.stderr
    lock = threading.Lock()
    feeder = threading.Thread(target=feed_pipe, args=(stream, process.stdin), daemon=True)
    feeder.start()
    copiers = [
        threading.Thread(target=frame, args=(1, process.stdout, stream, lock)),
        threading.Thread(target=frame, args=(2, process.stderr, stream, lock)),
    ]
    for copier in copiers:
        copier.start()
    for copier in copiers:
        copier.join()
    process.wait()
    with contextlib.suppress(OSError):
        stream.shutdown(socket.SHUT_RDWR)
    feeder.join()
    process.stdout.close()
    process.stderr.close()


def feed(stream: socket.socket, master: int) -> None:
    with contextlib.suppress(OSError):
        while data := stream.recv(65536):
            while data:
                data = data[os.write(master, data) :]


def feed_pipe(stream: socket.socket, pipe: Any) -> None:
    with contextlib.suppress(OSError, ValueError):
        while data := stream.recv(65536):
            pipe.write(data)
            pipe.flush()
    with contextlib.suppress(OSError):
        pipe.close()


def frame(number: int, pipe: Any, stream: socket.socket, lock: threading.Lock) -> None:
    with contextlib.suppress(OSError):
        while data := os.read(pipe.fileno(), 65536):
            with lock:
                stream.sendall(struct.pack(">BxxxL", number, len(data)) + data)
