"""A session's container: created, started, entered and removed through the engine."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import posixpath
import re
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .._controls.container.create import LABEL_SESSION, LABEL_UID, USER_NAME, SessionIds, render_container_create
from .._controls.container.spec import SessionSpec
from .._controls.names import AGENT_FILE
from .._engine.errors import SandboxError
from .._system.commands import run_command
from .._system.docker_api import DockerApi, DockerApiError

_GONE = 404
_BEING_REMOVED = 409
_STEP = 0.05
# Seconds until a container that is being removed is gone; for one in whose place somebody waits, fewer.
_PATIENCE = 10.0
_LEFTOVER_PATIENCE = 3.0
# What the kernel reads of a script to find its interpreter, and more links than it follows.
_FIRST_LINE = 256
_MOST_STEPS = 400


class ContainerError(SandboxError):
    """The container is not as it has to be."""


@dataclass(frozen=True)
class Command:
    """What to run, and where its input and output go. `size`: rows and columns of its terminal."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    terminal: bool
    size: tuple[int, int] | None = None


@dataclass(frozen=True)
class Exec:
    """A program that the engine was told to run in the container. `rest`: output that came with the answer."""

    identifier: str
    stream: socket.socket
    rest: bytes


@dataclass(frozen=True)
class ExecState:
    """What the engine knows of it. `pid` is the host's, 0 before it has started."""

    running: bool
    pid: int
    exit_code: int | None


def start_container(api: DockerApi, spec: SessionSpec, ids: SessionIds, seccomp: str | None) -> int:
    """Creates and starts the container; the host's process id of its pause program."""
    body = render_container_create(spec, ids, seccomp)
    api.post("/containers/create", body, {"name": ids.container})
    api.post(f"/containers/{ids.container}/start")
    pid = int(api.get(f"/containers/{ids.container}/json")["State"]["Pid"])
    if pid <= 0:
        raise ContainerError(f"container {ids.container}: it ended as soon as it was started")
    return pid


def remove_strays(api: DockerApi, label: str, value: str, patience: float = _PATIENCE) -> list[str]:
    """Removes every container with this label value; their names."""
    filters = json.dumps({"label": [f"{label}={value}"]})
    found = api.get("/containers/json", {"all": "true", "filters": filters})
    names = [str(container["Id"]) for container in found]
    for name in names:
        remove_container(api, name, patience)
    return names


def remove_leftovers(api: DockerApi, uid: int) -> list[str]:
    """Removes what a killed service may have left of this uid; two sessions must never share one."""
    return remove_strays(api, LABEL_UID, str(uid), _LEFTOVER_PATIENCE)


def remove_session(api: DockerApi, session: str) -> list[str]:
    """Removes the session's container, if it is there."""
    return remove_strays(api, LABEL_SESSION, session)


def remove_container(api: DockerApi, name: str, patience: float = _PATIENCE) -> None:
    """Kills and removes, and returns when it is gone. ContainerError when it is still there after `patience` seconds.

    The engine may be removing it already (AutoRemove), and says 409 to whoever asks as well.
    """
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            api.delete(f"/containers/{name}", {"force": "true", "v": "true"})
        except DockerApiError as error:
            if error.status == _GONE:
                return
            if error.status != _BEING_REMOVED:
                raise
        time.sleep(_STEP)
    raise ContainerError(f"container {name}: it cannot be removed")


def tidy() -> None:
    """Has images removed that no session uses any more. What that needs, no session has to wait for at its start."""
    run_command((AGENT_FILE, "tidy"))


def start_exec(api: DockerApi, spec: SessionSpec, ids: SessionIds, command: Command) -> Exec:
    """Starts the command line in the container; its streams stay open in what is returned."""
    # Engines before API 1.42 do not know ConsoleSize and start with a terminal of no size, until it is set.
    size = {"ConsoleSize": list(command.size)} if command.size else {}
    uid = spec.uid(ids.slot)
    body = {
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "Tty": command.terminal,
        "Privileged": False,
        "User": f"{uid}:{uid}",
        "WorkingDir": spec.home_directory,
        "Env": [f"{name}={value}" for name, value in sorted(_full_env(spec, command.env).items())],
        "Cmd": list(command.argv),
        **size,
    }
    identifier = str(api.post(f"/containers/{ids.container}/exec", body)["Id"])
    stream, rest = api.hijack(f"/exec/{identifier}/start", {"Detach": False, "Tty": command.terminal, **size})
    return Exec(identifier, stream, rest)


def _full_env(spec: SessionSpec, env: Mapping[str, str]) -> dict[str, str]:
    return {**env, **spec.env, "HOME": spec.home_directory, "USER": USER_NAME, "LOGNAME": USER_NAME}


def observe_exec(api: DockerApi, identifier: str) -> ExecState:
    """The state of an exec. DockerApiError 404 after the engine was restarted."""
    state = api.get(f"/exec/{identifier}/json")
    return ExecState(bool(state["Running"]), int(state.get("Pid") or 0), state["ExitCode"])


def wait_for_pid(api: DockerApi, identifier: str, patience: float = 30.0) -> int:
    """The host's process id once the program runs; 0 when it has ended already."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        state = observe_exec(api, identifier)
        if state.pid or state.exit_code is not None:
            return state.pid if state.running else 0
        time.sleep(_STEP)
    raise ContainerError(f"exec {identifier}: it does not start")


def wait_for_exit(api: DockerApi, identifier: str, patience: float = 5.0) -> int | None:
    """The exit status, 128 + n after signal n. None when it still runs though its output has ended."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        state = observe_exec(api, identifier)
        if not state.running and state.exit_code is not None:
            return state.exit_code
        time.sleep(_STEP)
    return None


def resize_exec(api: DockerApi, identifier: str, rows: int, columns: int) -> None:
    """Sets the size of the terminal. The program may have ended, or the engine be restarted; the next size may do."""
    with contextlib.suppress(SandboxError):
        api.post(f"/exec/{identifier}/resize", None, {"h": str(rows), "w": str(columns)})


def explain_start(root: Path, search: str, command: Sequence[str]) -> str:
    """Why the kernel cannot start a script as the command; empty where its interpreter is there, or it is no script.

    `root`: of the container, such as /proc/PID/root. `search`: its PATH. Only for a command of the image or of a bind:
    a file that a session can write might be another one by the time it is opened. The runtimes say "no such file" of
    the script, which is there.
    """
    script = _find_program(root, search, command[0])
    file = _resolve(root, script)
    words = _read_interpreter(file) if file else []
    if not words or _resolve(root, words[0]):
        return ""
    wanted, arguments = _name_interpreter(words)
    program = _find_program(root, search, wanted) if wanted else ""
    better = ", ".join((program, *arguments, script, *command[1:]))
    advice = f"name the interpreter: sandbox_container_command: [{better}]" if program else "use an image that has it"
    return f"{script} begins with #!{ascii(words[0])[1:-1]}, which the image does not have; {advice}"


def _name_interpreter(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The name of the program that is meant to read the script, and the arguments that it gets before the script."""
    if posixpath.basename(words[0]) != "env":
        return posixpath.basename(words[0]), words[1:]
    meant = [place for place, word in enumerate(words) if place and not word.startswith("-") and "=" not in word]
    return (words[meant[0]], words[meant[0] + 1 :]) if meant else ("", ())


def _find_program(root: Path, search: str, name: str) -> str:
    """The path of a program as the runtime finds it; empty where there is none."""
    places = [name] if "/" in name else [f"{folder}/{name}" for folder in search.split(":") if folder]
    return next((place for place in places if _resolve(root, place)), "")


def _read_interpreter(file: Path) -> list[str]:
    """The words of a script's first line, its interpreter first; none where it is no script."""
    try:
        with open(file, "rb", opener=_open_at_once) as opened:
            line = opened.read(_FIRST_LINE).partition(b"\n")[0]
    except OSError:
        return []
    words = re.split("[ \t]+", line[2:].decode(errors="replace").strip(" \t"))
    return words if line.startswith(b"#!") and words[0].startswith("/") else []


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW)


def _resolve(root: Path, path: str) -> Path | None:
    """The file behind an absolute path as a process with this root sees it; None where there is none.

    An absolute link would leave `root`, so each one is followed by hand.
    """
    if not path.startswith("/"):
        return None
    done: list[str] = []
    todo = path.split("/")[::-1]
    for _unused in range(_MOST_STEPS):
        if not todo:
            return root.joinpath(*done)
        part = todo.pop()
        if part == "..":
            done = done[:-1]
        elif part not in {"", "."}:
            try:
                target = os.readlink(root.joinpath(*done, part))
            except OSError as error:
                if error.errno != errno.EINVAL:
                    return None
                done.append(part)
            else:
                done = [] if target.startswith("/") else done
                todo += target.split("/")[::-1]
    return None
