"""The variables that an inventory may set: unknown names, and what no type can say of their values. Pure."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from .._engine.errors import SandboxError
from .._formats.accounts import build_group_line
from .._formats.daemon_json import check_daemon_keys
from .._formats.dpkg import is_package_name
from .apparmor.profile import parse_apparmor_policy
from .container import fields as read
from .container.control import GROUP
from .container.spec import read_fragment
from .egress.names import EgressError, read_allowed_name
from .egress.policy import PARAMETERS, parse_policy
from .egress.probe import DEFAULT_NAME, is_admitted
from .image.control import image_control
from .kernel.items import ITEMS
from .preflight.needs import Problem
from .registry import LEVELS
from .seccomp.profile import parse_additional

MARK = "sandbox_"
# Read by the playbooks, not by a role.
OF_PLAYBOOKS: Mapping[str, Mapping[str, str]] = {
    "sandbox_allow_rollback": {"type": "bool"},
    "sandbox_level": {"type": "int"},
    "sandbox_rollback_force": {"type": "bool"},
    "sandbox_rollback_packages": {"type": "bool"},
}
# Set by tasks of ours.
OF_TASKS = frozenset({"sandbox_facts", "sandbox_unproven"})
_LAST_ID = 65535
# Above are nobody's, and one that the kernel takes for none.
_LAST_GID = 65533
_FIRST_ID = 1000
# What a control group can count; the kernel refuses more.
_LAST_PROCESS = 4_194_304
# What `ably-sandbox session` hands on, besides TERM, COLORTERM and LANG.
_CLIENT_MARK = "ABLY_"
_NEXT_STEP = "correct it in the inventory"
_EGRESS = "sandbox_egress_"
_EGRESS_SAID = re.compile(r"(?P<key>\w+): (?:(?P<item>.*?): )?expected (?P<expected>.*?)(?:, found (?P<found>.*))?$")
_SHOWN = 60


def find_unknown(names: Collection[str], known: Collection[str]) -> Iterator[Problem]:
    """Names with our mark that no role and no playbook reads: nobody would notice that they do nothing."""
    all_known = sorted({*known, *OF_TASKS})
    for name in sorted(set(names) - set(all_known)):
        nearest = difflib.get_close_matches(name, all_known, n=1, cutoff=0.6)
        hint = f"did you mean {nearest[0]}?" if nearest else "remove it, or give it another prefix"
        yield Problem(f"variable {name}", "a name that no role knows", "a variable of the roles", hint)


def find_malformed(values: Mapping[str, Any]) -> Iterator[Problem]:
    """Values that are of the right type and still make no sense."""
    for name, check in _CHECKS.items():
        if name in values:
            expected = check(values[name])
            if expected is not None:
                yield wrong_value(name, values[name], expected)
    yield from _in_sessions(values)
    yield from _in_image(values)
    yield from _in_egress(values)
    yield from _in_verify(values)


def wrong_value(name: str, value: object, expected: str) -> Problem:
    text = repr(value)
    return Problem(f"variable {name}", text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…", expected, _NEXT_STEP)


def _in_sessions(values: Mapping[str, Any]) -> Iterator[Problem]:
    """What the number of sessions leaves to others. It is asked only of numbers that make sense one by one."""
    given = {name: values.get(name) for name in ("sandbox_container_uid_base", "sandbox_container_sessions")}
    if any(value is None or _CHECKS[name](value) is not None for name, value in given.items()):
        return
    base, sessions = (int(str(value)) for value in given.values())
    if base + sessions - 1 > _LAST_ID:
        expected = f"at most {_LAST_ID - sessions + 1}, the ids of {sessions} sessions end at {_LAST_ID}"
        yield wrong_value("sandbox_container_uid_base", base, expected)
    volume = values.get("sandbox_container_home_volume")
    if volume and sessions != 1:
        expected = f"empty, or sandbox_container_sessions: 1 (now {sessions}); each session has a user id of its own"
        yield wrong_value("sandbox_container_home_volume", volume, expected)


def _in_image(values: Mapping[str, Any]) -> Iterator[Problem]:
    if values.get("sandbox_image_source") == "pull" and not values.get("sandbox_image_pull"):
        yield wrong_value("sandbox_image_pull", values.get("sandbox_image_pull", ""), _PULLED)


def _in_egress(values: Mapping[str, Any]) -> Iterator[Problem]:
    """What the egress control itself would say. It is asked only when all that it reads is given."""
    params = {name[len(_EGRESS) :]: value for name, value in values.items() if name.startswith(_EGRESS)}
    params["sessions"] = values.get("sandbox_container_sessions")
    if not {*PARAMETERS} <= {name for name, value in params.items() if value is not None}:
        return
    try:
        parse_policy(params)
    except EgressError as error:
        for text in error.message.split("; "):
            said = _EGRESS_SAID.match(text)
            if said is None:
                yield Problem(f"variables {_EGRESS}*", "values that do not go together", text, _NEXT_STEP)
            else:
                found = said["found"] or said["item"] or "nothing"
                yield Problem(f"variable {_EGRESS}{said['key']}", found, said["expected"], _NEXT_STEP)


def _in_verify(values: Mapping[str, Any]) -> Iterator[Problem]:
    """The default may be no allowed name: another one is chosen then. One that was asked for has to be."""
    name, allowed = values.get("sandbox_verify_name"), values.get("sandbox_egress_allowed_names")
    if not name or name == DEFAULT_NAME or not allowed:
        return
    try:
        is_allowed = is_admitted(name, map(read_allowed_name, allowed))
    except EgressError:
        return  # told already, with the name that is wrong
    if not is_allowed:
        yield wrong_value("sandbox_verify_name", name, "one of sandbox_egress_allowed_names, or empty")


Check = Callable[[Any], "str | None"]


def _between(least: int, most: int) -> Check:
    """A whole number; text that is one comes from the command line and from templates."""

    def check(value: Any) -> str | None:
        is_fine = re.fullmatch(r"\d+", str(value)) and not isinstance(value, bool) and least <= int(value) <= most
        return None if is_fine else f"a whole number from {least} to {most}"

    return check


def _readable(reader: Callable[[str, object], object], expected: str) -> Check:
    """What one of the readers of the session's specification takes."""

    def check(value: Any) -> str | None:
        try:
            reader("", value)
        except SandboxError:
            return expected
        return None

    return check


def _each(item_check: Callable[[Any], bool], expected: str) -> Check:
    def check(value: Any) -> str | None:
        is_fine = isinstance(value, (list, tuple)) and all(item_check(item) for item in value)
        return None if is_fine else expected

    return check


def _check_keys(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return "a table whose keys are those of daemon.json, such as live-restore"
    try:
        check_daemon_keys(value)
    except SandboxError as error:
        return str(error)
    return None


def _says(judge: Callable[[Any], object], expected: str) -> Check:
    """What the control itself would say of a list of texts."""

    def check(value: Any) -> str | None:
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            return expected
        try:
            judge(value)
        except SandboxError as error:
            return error.message
        return None

    return check


def _judge_executables(value: Any) -> object:
    return parse_apparmor_policy({"home_directory": "/home/ably", "executables": value, "readable_folders": []})


def _judge_folders(value: Any) -> object:
    return parse_apparmor_policy({"home_directory": "/home/ably", "executables": ["/x"], "readable_folders": value})


def _check_level(value: Any) -> str | None:
    is_level = str(value) in map(str, LEVELS)
    return None if is_level else f"0 to {LEVELS[-1]}; this release knows no higher level"


def _check_total_memory(value: Any) -> str | None:
    """In systemd's own words: it passes over a line that it cannot read, and nothing is limited."""
    is_part = isinstance(value, str) and re.fullmatch(r"(100|[1-9][0-9]?)%", value)
    return None if is_part or _SIZE(value) is None else "a size such as 8g, or a part of the host's, 1% to 100%"


def _check_pulled(value: Any) -> str | None:
    return _readable(lambda _, name: image_control({"pull": name}), _PULLED)(value) if value else None


def _fits(key: str) -> Check:
    """What the reader of this key of the session's specification says."""

    def check(value: Any) -> str | None:
        try:
            # As Ansible hands it on: what JSON does not have, a date for instance, is a text.
            read_fragment("10-variables.json", json.dumps({key: value}, default=str))
        except SandboxError as error:
            return error.message.partition(": ")[2]
        return None

    return check


def _is_account(value: Any) -> bool:
    return (
        isinstance(value, str) and _readable(lambda _, name: build_group_line(GROUP, 1, [str(name)]), "")(value) is None
    )


def _is_client_name(value: Any) -> bool:
    return _readable(read.read_env_name, "")(value) is None and value.startswith(_CLIENT_MARK)


def _is_package(value: Any) -> bool:
    return isinstance(value, str) and is_package_name(value)


_SIZE = _readable(read.read_size, "a size such as 64m")
_PATH = _readable(read.read_path, "an absolute path")
_CPUS = _readable(read.read_nano_cpus, "processors, such as 0.5")
_ITEMS = f"names of items: {', '.join(ITEMS)}"
_PULLED = "a name with a digest, name@sha256: and 64 hexadecimal digits"

_CHECKS: Mapping[str, Check] = {
    "sandbox_level": _check_level,
    "sandbox_program_confirm_seconds": _between(60, 86_400),
    "sandbox_docker_packages": _each(_is_package, "names of Debian packages"),
    "sandbox_docker_daemon_config": _check_keys,
    "sandbox_image_pull": _check_pulled,
    "sandbox_container_command": _fits("command"),
    "sandbox_container_environment": _fits("env"),
    "sandbox_container_client_environment": _each(_is_client_name, f"names that begin with {_CLIENT_MARK}"),
    "sandbox_container_users": _each(_is_account, "names of accounts: lower case letters, digits, - and _, at most 32"),
    "sandbox_container_gid": _between(1, _LAST_GID),
    "sandbox_container_sessions": _between(1, 1000),
    "sandbox_container_uid_base": _between(_FIRST_ID, _LAST_ID),
    "sandbox_container_home_directory": _PATH,
    "sandbox_container_home_volume": lambda value: _readable(read.read_name, "the name of a volume")(value or "none"),
    "sandbox_container_home_size": _SIZE,
    "sandbox_container_tmp_size": _SIZE,
    "sandbox_container_run_size": _SIZE,
    "sandbox_container_shm_size": _SIZE,
    "sandbox_container_file_size": _SIZE,
    "sandbox_container_binds": _fits("binds"),
    "sandbox_container_memory": _SIZE,
    "sandbox_container_cpus": _CPUS,
    "sandbox_container_pids": _between(1, 100_000),
    "sandbox_container_open_files": _between(3, 1_048_576),
    "sandbox_container_runtime_max": _between(1, 604_800),
    "sandbox_container_total_memory": _check_total_memory,
    "sandbox_container_total_cpus": _CPUS,
    "sandbox_container_total_pids": _between(1, _LAST_PROCESS),
    "sandbox_kernel_left_out": _each(lambda name: name in ITEMS, _ITEMS),
    "sandbox_kernel_confirmed": _each(lambda name: name in ITEMS, _ITEMS),
    "sandbox_seccomp_additional": _says(parse_additional, "names of system calls"),
    "sandbox_apparmor_executables": _says(_judge_executables, "absolute paths of programs"),
    "sandbox_apparmor_readable_folders": _says(_judge_folders, "absolute paths of folders"),
    "sandbox_userns_first_id": _between(_LAST_ID + 1, 2**32 - 2 * (_LAST_ID + 1)),
    "sandbox_userns_uid": _between(_FIRST_ID, _LAST_ID),
}
