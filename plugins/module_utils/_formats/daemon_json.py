"""Docker's daemon.json, of which we own some keys: reading it, changing one key, everything else kept to the byte."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._engine.errors import SandboxError

_SPACE = re.compile(r"[ \t\r\n]*")
_HINT = "mend the file, or move it away; nothing was changed"


class JsonTextError(SandboxError):
    """The text is not one JSON object with each key once."""


@dataclass(frozen=True)
class Member:
    """One key with its value, and where both stand in the text: [start, key_end) and [value_start, end)."""

    key: str
    value: Any
    start: int
    key_end: int
    value_start: int
    end: int


@dataclass(frozen=True)
class JsonObject:
    """A text that is one JSON object, its members in order. `opened` and `closed` enclose what is in its braces."""

    text: str
    opened: int
    closed: int
    members: tuple[Member, ...]

    def member(self, key: str) -> Member | None:
        return next((member for member in self.members if member.key == key), None)

    @property
    def values(self) -> dict[str, Any]:
        return {member.key: member.value for member in self.members}


def parse_object(content: bytes, name: str) -> JsonObject:
    """An empty file counts as `{}`, as it does for Docker.

    Raises JsonTextError naming line and column: on comments, trailing commas, repeated keys, anything but one object.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonTextError(f"{name}: byte {error.start + 1} is not UTF-8", _HINT) from error
    if not text.strip():
        return JsonObject("{}", 1, 1, ())
    return _Scanner(text, name).scan()


def set_key(found: JsonObject, key: str, value: Any, unit: str = "") -> str:
    """The text with the key set: in its place when it is there, else as the last one. The rest stays to the byte.

    `unit`: by how much each level is indented, where that cannot be seen from `found` alone.
    """
    text, member = found.text, found.member(key)
    indent = indent_of(found)
    rendered = _render(value, indent, unit or indent)
    if member is not None:
        return text[: member.value_start] + rendered + text[member.end :]
    entry = f"{json.dumps(key, ensure_ascii=False)}{_colon_of(found)}{rendered}"
    if not found.members:
        body, tail = text[: found.opened], text[found.closed :].rstrip()
        return f"{body}\n{indent}{entry}\n{tail}\n"
    last = found.members[-1]
    between = f"\n{indent}" if indent else " "
    return f"{text[: last.end]},{between}{entry}{text[last.end :]}"


def remove_key(found: JsonObject, key: str) -> str:
    """The text without the key. Taking away the last one that `set_key` added gives the former text."""
    text, member = found.text, found.member(key)
    if member is None:
        return text
    place = found.members.index(member)
    if len(found.members) == 1:
        return text[: found.opened] + text[found.closed :]
    if place == len(found.members) - 1:
        return text[: found.members[place - 1].end] + text[member.end :]
    return text[: member.start] + text[found.members[place + 1].start :]


def indent_of(found: JsonObject) -> str:
    """What stands before the first key on its line; "" when the object is written on one line."""
    if not found.members:
        return "  "
    before = found.text[found.opened : found.members[0].start]
    return before.rpartition("\n")[2] if "\n" in before else ""


def _colon_of(found: JsonObject) -> str:
    return found.text[found.members[0].key_end : found.members[0].value_start] if found.members else ": "


def _render(value: Any, indent: str, unit: str) -> str:
    if not indent:
        return json.dumps(value, ensure_ascii=False)
    lines = json.dumps(value, ensure_ascii=False, indent=unit).split("\n")
    return f"\n{indent}".join(lines)


class _Scanner:
    """Finds the members of the outermost object; json's own decoder reads the values."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name
        self._decoder = json.JSONDecoder(object_pairs_hook=self._unique, parse_constant=self._refuse_constant)

    def scan(self) -> JsonObject:
        opened = self._expect(self._skip(0), "{", "an object")
        place = self._skip(opened)
        members: list[Member] = []
        while not self._text.startswith("}", place):
            if members:
                place = self._skip(self._expect(place, ",", "a comma or the closing brace"))
            member = self._scan_member(place)
            if any(member.key == other.key for other in members):
                raise self._error(place, f"the key {member.key!r} is there twice")
            members.append(member)
            place = self._skip(member.end)
        if self._skip(place + 1) != len(self._text):
            raise self._error(self._skip(place + 1), "nothing may follow the closing brace")
        return JsonObject(self._text, opened, place, tuple(members))

    def _scan_member(self, start: int) -> Member:
        if not self._text.startswith('"', start):
            raise self._error(start, "expected a key in double quotes")
        key, key_end = self._decode(start)
        value_start = self._skip(self._expect(self._skip(key_end), ":", "a colon"))
        value, end = self._decode(value_start)
        return Member(key, value, start, key_end, value_start, end)

    def _decode(self, place: int) -> tuple[Any, int]:
        try:
            return self._decoder.raw_decode(self._text, place)
        except json.JSONDecodeError as error:
            raise self._error(error.pos, error.msg) from error
        except _OddValueError as error:
            raise self._error(place, str(error)) from error
        except ValueError as error:
            # Python's own limit for whole numbers. Docker has a lower one.
            raise self._error(place, "a number of too many digits") from error
        except RecursionError as error:
            raise self._error(place, "nested too deeply") from error

    def _expect(self, place: int, sign: str, what: str) -> int:
        if not self._text.startswith(sign, place):
            raise self._error(place, f"expected {what}")
        return place + 1

    def _skip(self, place: int) -> int:
        found = _SPACE.match(self._text, place)
        return found.end() if found else place

    def _error(self, place: int, what: str) -> JsonTextError:
        line = self._text.count("\n", 0, place) + 1
        column = place - self._text.rfind("\n", 0, place)
        return JsonTextError(f"{self._name}: line {line} column {column}: {what}", _HINT)

    @staticmethod
    def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values = dict(pairs)
        if len(values) != len(pairs):
            keys = [key for key, _unused in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise _OddValueError(f"the key {twice!r} is there twice in this value")
        return values

    @staticmethod
    def _refuse_constant(constant: str) -> Any:
        raise _OddValueError(f"{constant} is not JSON")


class _OddValueError(Exception):
    """Python's decoder would take it, Docker's would not, or would choose silently."""


def check_daemon_keys(config: Mapping[str, Any]) -> None:
    """Raise SandboxError on a key that this collection does not set, or a value of the wrong type.

    Docker 20.10 cannot validate the file itself, and a host without Docker cannot either. The types are those of
    dockerd's reference, the same from 20.10 to 29.
    """
    for key, value in sorted(config.items()):
        expected = _KEYS.get(key)
        if expected is None:
            raise SandboxError(
                f"daemon.json: {key} is no key that can be set here", f"known are: {', '.join(sorted(_KEYS))}"
            )
        if not _TYPES[expected](value):
            raise SandboxError(f"daemon.json: {key} is {json.dumps(value)}, expected {expected}")


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_text_table(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


def _is_table_of_tables(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(item, dict) for item in value.values())


_TYPES: Mapping[str, Any] = {
    "true or false": lambda value: isinstance(value, bool),
    "a text": lambda value: isinstance(value, str) and bool(value),
    "a whole number, 0 or more": lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    "a list of texts": _is_texts,
    "an object with texts": _is_text_table,
    "an object with objects": _is_table_of_tables,
}
_KEYS: Mapping[str, str] = {
    "cgroup-parent": "a text",
    "default-cgroupns-mode": "a text",
    "default-ipc-mode": "a text",
    "default-runtime": "a text",
    "default-ulimits": "an object with objects",
    "exec-opts": "a list of texts",
    "experimental": "true or false",
    "icc": "true or false",
    "init": "true or false",
    "ip": "a text",
    "ip6tables": "true or false",
    "ip-forward": "true or false",
    "iptables": "true or false",
    "ipv6": "true or false",
    "live-restore": "true or false",
    "log-driver": "a text",
    "log-level": "a text",
    "log-opts": "an object with texts",
    "max-concurrent-downloads": "a whole number, 0 or more",
    "max-concurrent-uploads": "a whole number, 0 or more",
    "no-new-privileges": "true or false",
    "seccomp-profile": "a text",
    "selinux-enabled": "true or false",
    "shutdown-timeout": "a whole number, 0 or more",
    "userland-proxy": "true or false",
}
