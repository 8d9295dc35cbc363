"""The control `container`'s keys in the sessions' specification."""

from __future__ import annotations

from collections.abc import Mapping

from ..keys import Key, add_binds, add_entries, add_or_lower, add_or_shrink, at_most, subset
from .fields import (
    FieldError,
    Tmpfs,
    list_of,
    read_bind,
    read_command,
    read_count,
    read_env_name,
    read_flag,
    read_home,
    read_list,
    read_nano_cpus,
    read_path,
    read_record,
    read_size,
    read_size_or_zero,
    read_table,
    read_text,
    read_tmpfs,
    read_true,
)

ULIMITS = ("nofile", "core", "fsize")


def _no_capabilities(key: str, raw: object) -> tuple[str, ...]:
    if read_list(key, raw, read_text):
        raise FieldError(f"{key}: expected [], found {raw!r}; a session has no capabilities")
    return ()


def _read_env(key: str, raw: object) -> dict[str, str]:
    return {read_env_name(key, name): read_text(f"{key}.{name}", value) for name, value in read_table(key, raw).items()}


def _read_ulimits(key: str, raw: object) -> dict[str, int]:
    table = read_record(key, raw, (), ULIMITS)
    return {name: read_size_or_zero(f"{key}.{name}", value) for name, value in table.items()}


def _read_tmpfs_table(key: str, raw: object) -> dict[str, Tmpfs]:
    return {
        read_path(key, target): read_tmpfs(f"{key}.{target}", value) for target, value in read_table(key, raw).items()
    }


KEYS: Mapping[str, Key] = {
    "sessions": Key(read_count, at_most),
    "uid_base": Key(read_count),
    "read_only_root": Key(read_true),
    "no_new_privileges": Key(read_true),
    "capabilities": Key(_no_capabilities),
    "tmpfs": Key(_read_tmpfs_table, add_or_shrink),
    "home": Key(read_home),
    "home_directory": Key(read_path),
    "pids": Key(read_count, at_most),
    "memory": Key(read_size, at_most),
    "cpus": Key(read_nano_cpus, at_most, field="nano_cpus"),
    "ulimits": Key(_read_ulimits, add_or_lower),
    "shm_size": Key(read_size, at_most),
    "command": Key(read_command),
    "any_command": Key(read_flag, at_most),
    "env": Key(_read_env, add_entries),
    "client_env": Key(list_of(read_env_name), subset),
    "binds": Key(list_of(read_bind), add_binds),
    "pause_program": Key(read_path),
}
