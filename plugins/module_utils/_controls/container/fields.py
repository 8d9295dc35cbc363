"""The values that a session's specification is made of, and how each is read from JSON.

Every reader takes the dotted name of the key and the raw value, and returns a normalised, hashable value.
A wrong value is a `FieldError` that names the key, what was expected and what was there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Callable, TypeVar, Union

from ..._engine.errors import SandboxError

T = TypeVar("T")

_SIZE = re.compile(r"([1-9][0-9]*)([kmgKMG]?)")
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# A socket inside a folder that is shown can be connected to, read-only or not.
_KERNEL_OR_SOCKETS = re.compile(r"^(/var)?/run(/|$)|^/(proc|sys|dev)(/|$)|\.sock$")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MODE = re.compile(r"[01]?[0-7]{3}")


class FieldError(SandboxError):
    """A fragment's key holds something that it cannot hold."""


@dataclass(frozen=True)
class Tmpfs:
    """A writable mount in memory. noexec, nosuid and nodev are not here: they are not a choice."""

    size: int
    mode: int

    def options(self, uid: int, gid: int) -> str:
        """Docker's option string for the mount, owned by one session."""
        return f"rw,noexec,nosuid,nodev,size={self.size},mode={self.mode:04o},uid={uid},gid={gid}"


@dataclass(frozen=True)
class Bind:
    """A file or folder of the host, read-only in the session."""

    source: str
    target: str


@dataclass(frozen=True)
class HomeVolume:
    """A named Docker volume as `~/.ably`; it outlives the session."""

    name: str


Home = Union[Tmpfs, HomeVolume]


def wrong(key: str, expected: str, raw: object) -> FieldError:
    return FieldError(f"{key}: expected {expected}, found {raw!r}")


def read_text(key: str, raw: object) -> str:
    """A non-empty string without control characters."""
    if not isinstance(raw, str) or not raw or not raw.isprintable():
        raise wrong(key, "a non-empty text", raw)
    return raw


def _read_matching(key: str, raw: object, pattern: re.Pattern[str], expected: str) -> str:
    text = read_text(key, raw)
    if not pattern.fullmatch(text):
        raise wrong(key, expected, raw)
    return text


def read_flag(key: str, raw: object) -> bool:
    """True or false, nothing that merely looks like it."""
    if not isinstance(raw, bool):
        raise wrong(key, "true or false", raw)
    return raw


def read_true(key: str, raw: object) -> bool:
    """A protection that cannot be switched off."""
    if read_flag(key, raw) is not True:
        raise FieldError(f"{key}: expected true, found {raw!r}; this protection cannot be switched off")
    return True


def read_count(key: str, raw: object) -> int:
    """A whole number above zero."""
    if isinstance(raw, bool) or not isinstance(raw, int) or raw < 1:
        raise wrong(key, "a whole number above 0", raw)
    return raw


def read_size(key: str, raw: object) -> int:
    """Bytes: a whole number, or text such as `64m`."""
    if isinstance(raw, str):
        match = _SIZE.fullmatch(raw)
        if match is None:
            raise wrong(key, "a size such as 64m", raw)
        return int(match.group(1)) * _UNITS[match.group(2).lower()]
    return read_count(key, raw)


def read_size_or_zero(key: str, raw: object) -> int:
    """A size, or nothing at all."""
    return 0 if raw == 0 and not isinstance(raw, bool) else read_size(key, raw)


def read_nano_cpus(key: str, raw: object) -> int:
    """Processors as a number (0.5 is half of one), returned in billionths as Docker wants them."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not 0.01 <= raw <= 1024:
        raise wrong(key, "a number of processors from 0.01 to 1024", raw)
    return round(raw * 100) * 10_000_000


def read_path(key: str, raw: object) -> str:
    """An absolute path without `.`, `..`, doubled slashes, or a colon (Docker splits on it)."""
    path = read_text(key, raw)
    if not path.startswith("/") or ":" in path or any(part in {"", ".", ".."} for part in path[1:].split("/")):
        raise wrong(key, "an absolute path without '.', '..', '//' or ':'", raw)
    return path


def read_name(key: str, raw: object) -> str:
    """A name as Docker, AppArmor and nftables take it: letters, digits, `_`, `.`, `-`."""
    return _read_matching(key, raw, _NAME, "a name of letters, digits, '_', '.' and '-'")


def read_env_name(key: str, raw: object) -> str:
    """The name of an environment variable."""
    return _read_matching(key, raw, _ENV_NAME, "the name of an environment variable")


def read_sha256(key: str, raw: object) -> str:
    """A SHA-256 in lower case hexadecimal."""
    return _read_matching(key, raw, _SHA256, "a SHA-256 in lower case hexadecimal")


def read_mode(key: str, raw: object) -> int:
    """A file mode written as octal text, such as `1777`."""
    return int(_read_matching(key, raw, _MODE, "an octal mode such as '0700', without setuid or setgid"), 8)


def read_list(key: str, raw: object, item: Callable[[str, object], T]) -> tuple[T, ...]:
    """A list whose items `item` reads."""
    if not isinstance(raw, list):
        raise wrong(key, "a list", raw)
    return tuple(item(f"{key}[{number}]", value) for number, value in enumerate(raw))


def list_of(item: Callable[[str, object], T]) -> Callable[[str, object], tuple[T, ...]]:
    """The reader of a list whose items `item` reads."""
    return lambda key, raw: read_list(key, raw, item)


def read_command(key: str, raw: object) -> tuple[str, ...]:
    """A program and its arguments."""
    argv = read_list(key, raw, read_text)
    if not argv:
        raise FieldError(f"{key}: expected a program and its arguments, found []")
    return argv


def read_table(key: str, raw: object) -> dict[str, Any]:
    """A JSON object with text keys."""
    if not isinstance(raw, dict):
        raise wrong(key, "an object", raw)
    return raw


def read_record(key: str, raw: object, needed: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """A JSON object with exactly these keys."""
    table = read_table(key, raw)
    unknown = sorted(set(table) - set(needed) - set(optional))
    if unknown:
        raise FieldError(f"{key}.{unknown[0]}: unknown key; known here: {', '.join(needed + optional)}")
    missing = [name for name in needed if name not in table]
    if missing:
        raise FieldError(f"{key}.{missing[0]}: missing")
    return table


def read_tmpfs(key: str, raw: object) -> Tmpfs:
    """`{"size": "64m", "mode": "1777"}`."""
    table = read_record(key, raw, ("size", "mode"))
    return Tmpfs(read_size(f"{key}.size", table["size"]), read_mode(f"{key}.mode", table["mode"]))


def read_bind(key: str, raw: object) -> Bind:
    """`{"source": "/on/host", "target": "/in/session"}`, always read-only, never a Docker socket."""
    table = read_record(key, raw, ("source", "target"), ("read_only",))
    if table.get("read_only", True) is not True:
        raise wrong(f"{key}.read_only", "true (a session never writes to the host's files)", table["read_only"])
    source = read_path(f"{key}.source", table["source"])
    if _KERNEL_OR_SOCKETS.search(source):
        raise wrong(f"{key}.source", "neither a socket nor a folder of the kernel or of sockets", source)
    return Bind(source, read_path(f"{key}.target", table["target"]))


def read_home(key: str, raw: object) -> Home:
    """`{"tmpfs": {…}}` or `{"volume": "name"}`."""
    table = read_record(key, raw, (), ("tmpfs", "volume"))
    if len(table) != 1:
        raise wrong(key, "either tmpfs or volume", raw)
    if "tmpfs" in table:
        return read_tmpfs(f"{key}.tmpfs", table["tmpfs"])
    return HomeVolume(read_name(f"{key}.volume", table["volume"]))
