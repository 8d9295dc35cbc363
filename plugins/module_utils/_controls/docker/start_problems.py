"""Whether Docker would start again, and as the same: judged before anything changes, by preflight and by the controls
that change daemon.json. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..._formats.daemon_keys import find_unknown_keys
from ..._formats.daemon_oddities import Oddity
from ..._formats.docker_flags import FLAG_OF, find_flag_conflicts
from ..problem import Problem
from .control import DAEMON_JSON
from .start import Configuration, StartFacts, is_our_socket, merge
from .start_faults import Fault, find_faults

UNIT = "docker.service"
COMMAND_LINE = "dockerd's command line"
_WITHOUT_US = "mend it: Docker would not start with this file, also without us"
_MEND_UNIT = "mend docker.service or /etc/default/docker: Docker would not start, also without us"
_OUT = "take the flag out of docker.service and /etc/default/docker"
REMAP = "userns-remap"


def find_problems_in_start(start: StartFacts, asked: Mapping[str, Any]) -> Iterator[Problem]:
    """`asked`: the keys of daemon.json that will be set, with their values."""
    yield from _in_unit(start)
    if start.unknown_flags:
        next_step = "have docker.service start dockerd itself, its flags in plain text"
        yield _newer(COMMAND_LINE, start.unknown_flags, "dockerd and its flags", next_step)
        return
    yield from _in_sockets(start, asked)
    yield from _in_flags(start, asked)
    if start.oddity:
        yield _of_oddity(start, start.oddity)
        return
    yield from _in_file(start)
    yield from _in_merged(start, asked)
    yield from _in_fitness(start, asked)
    yield from _in_sameness(start)


def find_problems_in_file(start: StartFacts, turns_remap: bool = False) -> Iterator[Problem]:
    """What keeps a Docker with these values in its file from starting, or has it start as another one, as far as its
    flags are known. `turns_remap`: the change of `userns-remap` is part of this rollback, and is not reported.
    """
    yield from _in_unit(start)
    if not (start.unknown_flags or start.oddity):
        yield from _in_file(start)
        yield from _in_sameness(start, turns_remap)


def _newer(what: str, observed: str, expected: str, next_step: str) -> Problem:
    return Problem(what, observed, expected, next_step, spares_working_hosts=True)


def _of_oddity(start: StartFacts, oddity: Oddity) -> Problem:
    """What Docker does with it is said where it is known: from what it always does, or because it was asked."""
    is_read = not start.refused if start.is_validated else oddity.is_read
    words = {
        True: "Docker reads it, this collection does not rewrite such a file; ",
        False: "Docker cannot start with it either; ",
        None: "this collection does not rewrite such a file; ",
    }
    return Problem(DAEMON_JSON, oddity.found, oddity.expected, words[is_read] + oddity.next_step)


def _in_unit(start: StartFacts) -> Iterator[Problem]:
    """What systemd falls over, before dockerd comes to it."""
    faults, end = start.unit_faults, "; systemd would not start it, also without us"
    if faults.exec_starts:
        found = f"{len(faults.exec_starts)} of ExecStart=: {' | '.join(faults.exec_starts)}"
        next_step = f"write an empty ExecStart= before the one that counts: it takes back those before it{end}"
        yield _newer(UNIT, found, "one", next_step)
    for path in faults.missing_files:
        next_step = f"make it, or write EnvironmentFile=-{path}{end}"
        yield _newer(f"{UNIT}: EnvironmentFile={path}", "no such file", "a file, or a dash before its name", next_step)
    if faults.missing_program:
        next_step = f"name in ExecStart= the dockerd that is there, or put it there{end}"
        yield _newer(f"{UNIT}: {faults.missing_program}", "none that can be run", "a program", next_step)


def _in_sockets(start: StartFacts, asked: Mapping[str, Any]) -> Iterator[Problem]:
    config = Configuration(merge(start.values, asked), start.flags)
    if not any(map(is_our_socket, config.hosts)):
        next_step = "add -H fd:// to docker.service, or that socket where there is no docker.socket"
        yield _newer("Docker's sockets", ", ".join(config.hosts), "unix:///run/docker.sock among them", next_step)
    other = [path for path in config.texts("config-file") if path != DAEMON_JSON]
    if other:
        yield _newer(COMMAND_LINE, f"--config-file {other[-1]}", DAEMON_JSON, f"{_OUT}; what it names moves there")


def _in_file(start: StartFacts) -> Iterator[Problem]:
    """The present file alone. One that Docker fell over is the operator's to mend, whatever we want of it."""
    conflicts = find_flag_conflicts(start.flags, start.values)
    unknown = () if start.is_validated else find_unknown_keys(start.values, start.version)
    for key in conflicts:
        found = f"{key}, and --{FLAG_OF.get(key, key)} on dockerd's command line"
        yield _newer(DAEMON_JSON, found, "one of the two", f"{_WITHOUT_US}; or {_OUT}")
    for text in unknown:
        yield _newer(DAEMON_JSON, text, "keys and values that Docker takes", _WITHOUT_US)
    if start.refused and not conflicts:
        is_flag = " flag: " in start.refused or "flag needs" in start.refused
        place, next_step = (COMMAND_LINE, _MEND_UNIT) if is_flag else (DAEMON_JSON, _WITHOUT_US)
        yield _newer(place, start.refused, "what Docker starts with", next_step)
    for fault in find_faults(start.configuration, start):
        yield _newer(_place_of(fault, start), fault.found, fault.expected, _WITHOUT_US)


def _in_flags(start: StartFacts, asked: Mapping[str, Any]) -> Iterator[Problem]:
    """What only comes by what is asked for, as far as the flags tell."""
    for key in find_flag_conflicts(start.flags, [key for key in asked if key not in start.values]):
        next_step = f"{_OUT}; Docker does not start with both"
        yield Problem(COMMAND_LINE, f"--{FLAG_OF.get(key, key)}", f"{key} in daemon.json alone", next_step)


def _in_merged(start: StartFacts, asked: Mapping[str, Any]) -> Iterator[Problem]:
    """What only comes by what is asked for, as far as the file tells."""
    conflicts = find_flag_conflicts(start.flags, asked)
    next_step = "take it out there, or change sandbox_docker_daemon_config"
    for key, value in asked.items():
        if isinstance(value, Mapping) and not isinstance(start.values.get(key, {}), Mapping):
            found = json.dumps(start.values[key])
            yield _newer(f"{DAEMON_JSON}: {key}", found, "an object, or no such key", "take the key out")
            return
    if start.refused_with_ours and not start.refused and not conflicts:
        yield _newer(
            f"{DAEMON_JSON} with what this level sets", start.refused_with_ours, "a Docker that starts", next_step
        )
    before = find_faults(start.configuration, start)
    for fault in find_faults(Configuration(merge(start.values, asked), start.flags), start):
        if fault not in before:
            yield _newer(_place_of(fault, start), fault.found, fault.expected, f"Docker would not start; {next_step}")


def _in_fitness(start: StartFacts, asked: Mapping[str, Any]) -> Iterator[Problem]:
    """With these Docker starts, and no session does."""
    config = Configuration(merge(start.values, asked), start.flags)
    if config.cgroup_driver == "cgroupfs":
        next_step = "take native.cgroupdriver out of exec-opts, and restart Docker: sessions live in a slice of systemd"
        yield _newer("Docker's cgroup driver", "native.cgroupdriver=cgroupfs", "systemd", next_step)
    elif start.running and start.running.cgroup_driver == "cgroupfs":
        found = "cgroupfs in the Docker that runs"
        yield _newer("Docker's cgroup driver", found, "systemd, as it is configured", "restart Docker when it may")
    if config.image_store and asked.get(REMAP):
        next_step = "take containerd-snapshotter out of features, and restart Docker: it has no remapped ids with it"
        yield _newer("Docker's image store", "containerd's", "its own, for level 2", next_step)


def _in_sameness(start: StartFacts, turns_remap: bool = False) -> Iterator[Problem]:
    """A configuration that was changed since the last start: our restart would bring another Docker to light."""
    running, config = start.running, start.configuration
    if running is None or running.is_empty:
        return
    pairs = [("data root", running.data_root, start.data_root)]
    if not turns_remap:
        pairs.append(("remapping of ids", _on(running.is_remapped), _on(bool(config.text(REMAP)))))
    if config.image_store is not None and not running.is_remapped:
        pairs.append(("containerd image store", _on(running.has_snapshotter), _on(config.image_store)))
    elif config.text("storage-driver") and not running.has_snapshotter:
        pairs.append(("storage driver", running.storage_driver, config.text("storage-driver")))
    next_step = "restart Docker when it may, and look at what that hides; or put its configuration back"
    for what, there, wanted in pairs:
        if there != wanted:
            yield _newer(f"Docker's {what}", f"{there}, and {wanted} from its next start on", "the same", next_step)


def _on(is_on: bool) -> str:
    return "on" if is_on else "off"


def _place_of(fault: Fault, start: StartFacts) -> str:
    is_flag = not any(key in start.values for key in fault.keys) and find_flag_conflicts(start.flags, fault.keys)
    return f"{COMMAND_LINE if is_flag else DAEMON_JSON}: {' and '.join(fault.keys)}"
