"""The variables of the control `container`: what no type can say of their values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..._engine.errors import SandboxError
from ..._formats.accounts import MEMBER, build_group_line
from ..checks import CPUS, FIRST_ID, LAST_GID, LAST_ID, PATH, SIZE, Check, Misfit, between, each, readable
from ..names import GROUP
from ..problem import Problem, wrong_value
from . import fields as read
from .keys import KEYS
from .spec import read_fragment

# What a control group can count; the kernel refuses more.
_LAST_PROCESS = 4_194_304
# What `ably-sandbox session` hands on, besides TERM, COLORTERM and LANG.
_CLIENT_MARK = "ABLY_"


def _fits(key: str) -> Check:
    """What the reader of this key of the session's specification says."""

    def check(value: Any) -> Misfit | None:
        try:
            # As Ansible hands it on: what JSON does not have, a date for instance, is a text.
            read_fragment("10-variables.json", json.dumps({key: value}, default=str), KEYS)
        except SandboxError as error:
            return Misfit(error.message.partition(": ")[2], value)
        return None

    return check


def _check_total_memory(value: Any) -> Misfit | None:
    """In systemd's own words: it passes over a line that it cannot read, and nothing is limited."""
    is_part = isinstance(value, str) and re.fullmatch(r"(100|[1-9][0-9]?)%", value)
    expected = "a size such as 8g, or a part of the host's, 1% to 100%"
    return None if is_part or SIZE(value) is None else Misfit(expected, value)


def _is_account(value: Any) -> bool:
    is_fine = readable(lambda _unused, name: build_group_line(GROUP, 1, [str(name)]), "")
    return isinstance(value, str) and is_fine(value) is None


def _is_client_name(value: Any) -> bool:
    return readable(read.read_env_name, "")(value) is None and value.startswith(_CLIENT_MARK)


CHECKS: Mapping[str, Check] = {
    "sandbox_container_command": _fits("command"),
    "sandbox_container_environment": _fits("env"),
    "sandbox_container_client_environment": each(_is_client_name, f"names that begin with {_CLIENT_MARK}"),
    "sandbox_container_users": each(_is_account, f"names of accounts as getent passwd prints them: {MEMBER}"),
    "sandbox_container_gid": between(1, LAST_GID),
    "sandbox_container_sessions": between(1, 1000),
    "sandbox_container_uid_base": between(FIRST_ID, LAST_ID),
    "sandbox_container_home_directory": PATH,
    "sandbox_container_home_volume": lambda value: readable(read.read_name, "the name of a volume")(value or "none"),
    "sandbox_container_home_size": SIZE,
    "sandbox_container_tmp_size": SIZE,
    "sandbox_container_run_size": SIZE,
    "sandbox_container_shm_size": SIZE,
    "sandbox_container_file_size": SIZE,
    "sandbox_container_binds": _fits("binds"),
    "sandbox_container_memory": SIZE,
    "sandbox_container_cpus": CPUS,
    "sandbox_container_pids": between(1, 100_000),
    "sandbox_container_open_files": between(3, 1_048_576),
    "sandbox_container_runtime_max": between(1, 604_800),
    "sandbox_container_total_memory": _check_total_memory,
    "sandbox_container_total_cpus": CPUS,
    "sandbox_container_total_pids": between(1, _LAST_PROCESS),
}


def find_malformed(values: Mapping[str, Any]) -> Iterator[Problem]:
    """What the number of sessions leaves to others. It is asked only of numbers that make sense one by one."""
    given = {name: values.get(name) for name in ("sandbox_container_uid_base", "sandbox_container_sessions")}
    if any(value is None or CHECKS[name](value) is not None for name, value in given.items()):
        return
    base, sessions = (int(str(value)) for value in given.values())
    if base + sessions - 1 > LAST_ID:
        expected = f"at most {LAST_ID - sessions + 1}, the ids of {sessions} sessions end at {LAST_ID}"
        yield wrong_value("sandbox_container_uid_base", base, expected)
    volume = values.get("sandbox_container_home_volume")
    if volume and sessions != 1 and CHECKS["sandbox_container_home_volume"](volume) is None:
        expected = f"empty, or sandbox_container_sessions: 1 (now {sessions}); each session has a user id of its own"
        yield wrong_value("sandbox_container_home_volume", volume, expected)
