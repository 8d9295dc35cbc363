"""Keys of a JSON file, and keys of the objects in it: `live-restore`, `runtimes/ably-sandbox`. The rest stays as it is.

An object that is missing is made for its first key, and goes with its last one: an empty one means nothing to Docker.
"""

from __future__ import annotations

from typing import Any

from .daemon_json import JsonObject, JsonTextError, Member, indent_of, parse_object, remove_key, set_key


def find_path(found: JsonObject, path: str, name: str) -> Member | None:
    """The member at the path; its places are those within the object that holds it. `name` of the file, for errors."""
    outer, _unused, inner = path.partition("/")
    if not inner:
        return found.member(outer)
    holder = _inner(found, outer, name)
    return None if holder is None else holder.member(inner)


def set_path(found: JsonObject, path: str, value: Any, name: str) -> str:
    """The text with the value at the path."""
    outer, _unused, inner = path.partition("/")
    if not inner:
        return set_key(found, outer, value)
    holder = _inner(found, outer, name)
    if holder is None or not holder.members:
        return set_key(found, outer, {inner: value})
    return _replace(found, outer, set_key(holder, inner, value, indent_of(found)))


def remove_path(found: JsonObject, path: str, name: str) -> str:
    """The text without what is at the path."""
    outer, _unused, inner = path.partition("/")
    holder = _inner(found, outer, name) if inner else None
    if not inner or (holder is not None and set(holder.values) == {inner}):
        return remove_key(found, outer)
    return found.text if holder is None else _replace(found, outer, remove_key(holder, inner))


def _inner(found: JsonObject, key: str, name: str) -> JsonObject | None:
    """The object at the key, None where there is none. Raises JsonTextError when something else stands there."""
    member = found.member(key)
    if member is None:
        return None
    if not isinstance(member.value, dict):
        raise JsonTextError(f"{name}: {key} is {member.value!r}, expected an object", "mend it; nothing was changed")
    return parse_object(found.text[member.value_start : member.end].encode("utf-8"), name)


def _replace(found: JsonObject, key: str, text: str) -> str:
    member = found.member(key)
    if member is None:
        raise KeyError(key)
    return found.text[: member.value_start] + text + found.text[member.end :]
