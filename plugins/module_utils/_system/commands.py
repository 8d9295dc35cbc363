"""Running other programs: a tuple of arguments, an environment of ours, a time limit, exit codes that are fine."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Callable

from .._controls.names import DOCKER_SOCKET
from .._engine.errors import SandboxError

_LAST_LINES = 8
# Root's own on Debian. Ansible's connections may come with a user's, without the sbin that has most of what we run.
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# All that a command gets. One variable of the caller's is enough to make a tool ask somebody else (DOCKER_HOST,
# DOCKER_CONTEXT), do nothing (SYSTEMD_OFFLINE), or work on another system (DPKG_ROOT, APT_CONFIG).
ENVIRONMENT = {
    "PATH": SYSTEM_PATH,
    "HOME": "/root",
    "LC_ALL": "C",
    "TERM": "dumb",
    # Outranks the context that root's own configuration of Docker's client may name; that file is not read at all.
    "DOCKER_HOST": f"unix://{DOCKER_SOCKET}",
    "DOCKER_CONFIG": "/nonexistent",
}
# What a program makes that sets no modes of its own is readable: apt fetches, and Docker starts, as other users.
_UMASK = 0o022


@dataclass(frozen=True)
class Result:
    """What a program answered. Bytes that are not UTF-8 are kept as lone surrogates."""

    status: int
    out: str
    err: str


def encode(text: str) -> bytes:
    """The bytes that were read as this text."""
    return text.encode("utf-8", "surrogateescape")


class CommandError(SandboxError):
    """A program could not be started, took too long, or ended with an exit code that is not fine."""

    def __init__(self, message: str, hint: str | None = None, result: Result | None = None) -> None:
        super().__init__(message, hint)
        self.result = result


def run_command(
    command: Sequence[str],
    *,
    accept: Sequence[int] = (0,),
    timeout: float = 60.0,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    started: Callable[[], None] = lambda: None,
) -> Result:
    """Run a program to its end. Raises CommandError on an exit code outside `accept`, with the last lines it wrote.

    `environment` is added to ours: of the caller's, nothing is. `started` is called while the program runs.
    """
    # Memory files instead of pipes: a daemon that the program leaves behind would hold a pipe open, and us with it.
    with _memory_file("out") as out, _memory_file("err") as err, _memory_file("in", stdin) as into:
        try:
            process = subprocess.Popen(
                tuple(command), stdin=into, stdout=out, stderr=err, start_new_session=True, umask=_UMASK,
                env={**ENVIRONMENT, **(environment or {})},
            )  # fmt: skip
        except OSError as error:
            raise CommandError(f"{command[0]}: cannot be started: {error.strerror}", "is its package there?") from error
        started()
        status = _wait(process, command, timeout)
        result = Result(status, _text(out), _text(err))
    if status not in accept:
        raise CommandError(f"{' '.join(command)}: exit code {status}: {last_lines(result)}", result=result)
    return result


def last_lines(result: Result) -> str:
    """The end of what the program said, one line: from standard error, or from standard output when that is empty."""
    said = [line.strip() for line in (result.err.strip() or result.out.strip()).splitlines()]
    text = " | ".join(line for line in said[-_LAST_LINES:] if line) or "it said nothing"
    return text.encode("utf-8", "replace").decode("utf-8")


def _wait(process: subprocess.Popen[bytes], command: Sequence[str], timeout: float) -> int:
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise CommandError(f"{' '.join(command)}: no end after {timeout:g} s, killed") from error


def _memory_file(name: str, content: bytes = b"") -> BinaryIO:
    file: BinaryIO = os.fdopen(os.memfd_create(name, os.MFD_CLOEXEC), "w+b", buffering=0)
    file.write(content)
    file.seek(0)
    return file


def _text(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "surrogateescape")
