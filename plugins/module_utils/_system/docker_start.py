"""Reads what decides how Docker starts next, and asks dockerd itself whether it would. Changes nothing."""

from __future__ import annotations

import contextlib
import json
import os
import posixpath
import pwd
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._controls.docker.control import DAEMON_JSON, DOCKER_UNITS, choose_units
from .._controls.docker.start import (
    DOCKERD,
    NO_START,
    Configuration,
    RunningDocker,
    StartFacts,
    clean_refusal,
    is_our_socket,
    merge,
)
from .._controls.docker.start_problems import REMAP, find_problems_in_file, find_problems_in_start
from .._controls.names import DOCKER_SOCKET
from .._controls.problem import Problem
from .._controls.userns.control import REMAP_USER
from .._engine.errors import RefusedError, SandboxError
from .._formats.daemon_json import parse_object
from .._formats.daemon_oddities import Oddity, find_folder_link, find_link, find_oddity
from .._formats.docker_flags import without_flag
from .._formats.docker_objects import parse_docker_version
from .._formats.systemd import PROPERTIES, parse_show
from .._formats.unit_words import ServiceTextError
from .commands import last_lines, run_command
from .docker_api import DockerApi, DockerUnreachableError
from .docker_command import find_unit_faults, read_docker_command
from .files import read_bytes
from .outside import Outside, explained
from .programs import find_program
from .reading import Reader

# Docker's own book-keeping in the folder of volumes.
NO_VOLUMES = ("metadata.db", "backingFsBlockDev")
_VALIDATES = (23, 0)
_VALIDATE_TIMEOUT = 30.0
# A Docker that has much to do answers in a few seconds; one that listens elsewhere never does.
ANSWER_TIMEOUT = 20.0
# The file is shown to dockerd as a memory file of ours: nobody else sees it, and nothing is left behind.
_SHOWN = "/proc/self/fd/0"
_RANGES = "/etc/subuid"
_SNAPSHOTTER = ["driver-type", "io.containerd.snapshotter.v1"]


@dataclass(frozen=True)
class DockerService:
    """docker.service as systemd has it: whether it is active, and the command line of what runs in it."""

    is_active: bool
    command: tuple[str, ...]


class StartReader:
    """The host under the outside's root; commands are this machine's own."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._reader = Reader(outside)

    def read_service(self) -> DockerService:
        """Where there is no systemd, which is a finding of preflight's own, no service runs."""
        if find_program("systemctl") is None:
            return DockerService(is_active=False, command=())
        command = ("systemctl", "show", "--property=MainPID,ActiveState", "docker.service")
        shown = run_command(command, accept=(0, 1)).out
        found = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
        words = self._reader.text(f"/proc/{found.get('MainPID', '0')}/cmdline").split("\0")
        return DockerService(found.get("ActiveState") == "active", tuple(word for word in words if word))

    def read_files(self, service: DockerService) -> StartFacts:
        """What files say of the next start. `service` tells the flags of a Docker that a program of others' starts."""
        start = self._with_flags(NO_START, service.command)
        for path, find in ((posixpath.dirname(DAEMON_JSON), find_folder_link), (DAEMON_JSON, find_link)):
            if self._reader.link(path):
                target = os.path.realpath(self._outside.path(path))
                return replace(start, oddity=find(target, self._reader.exists(path), path))
        try:
            content = read_bytes(self._outside, DAEMON_JSON) or b""
        except SandboxError as error:
            return replace(start, oddity=Oddity(error.message, error.hint or "mend it", "an ordinary file"))
        oddity = find_oddity(content, DAEMON_JSON)
        values = {} if oddity else parse_object(content, "daemon.json").values
        return self.with_values(replace(start, oddity=oddity), values)

    def with_values(self, start: StartFacts, values: Mapping[str, Any]) -> StartFacts:
        """With these in daemon.json, and what they name on the host."""
        config = Configuration(values, start.flags)
        return replace(
            start,
            values=values,
            data_root=os.path.realpath(self._outside.path(config.data_root)),
            in_swarm=self._reader.exists(f"{config.data_root}/swarm/docker-state.json"),
        )

    def has_remap_user(self) -> bool:
        """Whether level 2 is on this host, or is about to leave it: then remapped ids are its own."""
        return any(line.startswith(f"{REMAP_USER}:") for line in self._reader.text(_RANGES).splitlines())

    def validate(self, start: StartFacts, asked: Mapping[str, Any], info: Mapping[str, Any] | None) -> StartFacts:
        """With what dockerd says of the files, and what a running one reports (`info`).

        The file as it would become is shown first: where that is fine, so is what is there.
        """
        missing = self._find_missing(start.configuration, Configuration(asked))
        start = replace(start, version=_read_version(start.program), missing_files=missing)
        if info:
            state = (info.get("Swarm") or {}).get("LocalNodeState") or "inactive"
            start = replace(start, running=self._read_info(info), in_swarm=state != "inactive")
        if start.version is None or start.version < _VALIDATES or start.unknown_flags:
            return start
        if start.oddity:
            content = self._read_as_docker()
            if content is None:
                return start
            return replace(start, is_validated=True, refused=_validate(start, content))
        both = _validate(start, _render(merge(start.values, _without_unknown_user(asked))))
        refused = _validate(start, _render(start.values)) if both and asked else both
        return replace(start, is_validated=True, refused=refused, refused_with_ours=both)

    def _find_missing(self, *configurations: Configuration) -> frozenset[str]:
        named = {config.text("seccomp-profile") for config in configurations}
        return frozenset(path for path in named if path.startswith("/") and not self._reader.exists(path))

    def _read_info(self, info: Mapping[str, Any]) -> RunningDocker:
        is_remapped = "name=userns" in (info.get("SecurityOptions") or ())
        root = str(info["DockerRootDir"])
        volumes = set(self._reader.names(f"{root}/volumes")) - set(NO_VOLUMES)
        return RunningDocker(
            # Its folder for remapped ids lies in the one that is configured.
            data_root=os.path.realpath(posixpath.dirname(root) if is_remapped else root),
            cgroup_driver=str(info.get("CgroupDriver", "")),
            storage_driver=str(info.get("Driver", "")),
            has_snapshotter=_SNAPSHOTTER in (info.get("DriverStatus") or ()),
            is_remapped=is_remapped,
            is_empty=not (info.get("Containers") or info.get("Images") or volumes),
        )

    def _read_as_docker(self) -> bytes | None:
        """Through a link as well. None where there is nothing to read, or a pipe that nobody writes to."""
        path = self._outside.path(DAEMON_JSON)
        if not os.path.isfile(path):
            return None
        with explained("read", DAEMON_JSON), open(path, "rb") as file:
            return file.read()

    def _with_flags(self, start: StartFacts, running: tuple[str, ...]) -> StartFacts:
        try:
            start = replace(start, unit_faults=find_unit_faults(self._outside))
            command = read_docker_command(self._outside)
        except ServiceTextError as error:
            return replace(start, unknown_flags=str(error))
        for words in (command, running):
            # A program of somebody's own may become dockerd: then its flags are seen while it runs.
            if words and posixpath.basename(words[0]) == DOCKERD:
                program = words[0] if posixpath.isabs(words[0]) and find_program(words[0]) else DOCKERD
                return replace(start, program=program, flags=words[1:])
        return replace(start, unknown_flags=" ".join(command) or "nothing")


def refuse_no_start(outside: Outside, asked: Mapping[str, Any]) -> None:
    """Raise RefusedError where Docker would not start again with these keys, or as another one: all that is wrong."""
    reader = StartReader(outside)
    service = reader.read_service()
    start = reader.read_files(service)
    info = _ask(outside) if can_be_asked(service, start) else None
    _refuse(find_problems_in_start(reader.validate(start, asked, info), asked))


def refuse_no_start_without_us(outside: Outside, values: Mapping[str, Any]) -> None:
    """Raise RefusedError where a Docker that runs would not start again with these values in its file, or as another
    one: the way back. One that does not answer is not compared: going back is what may cure it.
    """
    reader = StartReader(outside)
    service = reader.read_service()
    if not service.is_active:
        return
    present, info = reader.read_files(service), None
    if can_be_asked(service, present):
        with contextlib.suppress(DockerUnreachableError):
            info = _ask(outside)
    turns_remap = present.values.get(REMAP) != values.get(REMAP) or reader.has_remap_user()
    start = reader.validate(reader.with_values(present, values), {}, info)
    _refuse(find_problems_in_file(start, turns_remap))


def _ask(outside: Outside) -> Any:  # JSON comes in here
    return DockerApi(outside.path(DOCKER_SOCKET), ANSWER_TIMEOUT).get("/info")


def _refuse(problems: Iterable[Problem]) -> None:
    text = " | ".join(map(str, problems))
    if text:
        raise RefusedError(text, "Docker runs on as it does; nothing was changed")


def can_be_asked(service: DockerService, start: StartFacts) -> bool:
    """Whether a Docker runs, and listens where we ask. One that listens elsewhere may let us wait for ever."""
    return service.is_active and any(map(is_our_socket, start.configuration.hosts))


def read_docker_units(outside: Outside) -> tuple[str, ...]:
    """Those that this host's Docker lives by."""
    command = ("systemctl", "show", f"--property={','.join(PROPERTIES)}", "--", *DOCKER_UNITS)
    there = {status.name: status for status in parse_show(run_command(command).out, DOCKER_UNITS)}
    reader = StartReader(outside)
    start = reader.read_files(reader.read_service())
    return choose_units(there, start.configuration.hosts)


def _read_version(program: str) -> tuple[int, int] | None:
    """None where there is no dockerd."""
    return parse_docker_version(run_command((program, "--version")).out) if find_program(program) else None


def _validate(start: StartFacts, content: bytes) -> str:
    """What dockerd has against it, in its own words; empty where it has nothing."""
    command = (start.program, "--validate", f"--config-file={_SHOWN}", *without_flag(start.flags, "config-file"))
    result = run_command(command, accept=range(256), timeout=_VALIDATE_TIMEOUT, stdin=content)
    if result.status == 0:
        return ""
    return clean_refusal(last_lines(result), _SHOWN)


def _render(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values).encode("utf-8")


def _without_unknown_user(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """It looks up the user whose ids it shall remap to, whom an earlier control of the same run makes."""
    try:
        pwd.getpwnam(str(asked.get(REMAP, "root")))
    except KeyError:
        return {key: value for key, value in asked.items() if key != REMAP}
    return asked
