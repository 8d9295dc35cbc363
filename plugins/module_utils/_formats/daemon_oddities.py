"""Forms of daemon.json that are not changed in place, though Docker may read them: what is odd, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from .daemon_json import JsonTextError, parse_object

_MARK = b"\xef\xbb\xbf"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Oddity:
    """What was found, and the next step. `is_read`: whether Docker takes it, None where it has to be asked."""

    found: str
    next_step: str
    expected: str = "a JSON object in plain UTF-8"
    is_read: bool | None = None


def find_oddity(content: bytes, path: str) -> Oddity | None:
    """None for what can be changed key by key, everything else kept to the byte."""
    if content.startswith(_MARK):
        return Oddity("a byte order mark at its start", f"remove it with sed -i '1s/^\\xEF\\xBB\\xBF//' {path}")
    if content.startswith(_UTF_16_MARKS):
        again = f"iconv -f UTF-16 -t UTF-8 {path} -o {path}.new && mv {path}.new {path}"
        return Oddity("text in UTF-16", f"write it in UTF-8: {again}")
    if content.strip() == b"null":
        return Oddity("null", "write {} in its place", "an object", is_read=True)
    try:
        parse_object(content, "daemon.json")
    except JsonTextError as error:
        if "is there twice" in error.message:
            return Oddity(error.message, "leave one of the two; Docker goes by the last", "each key once", is_read=True)
        return Oddity(error.message, "mend it")
    return None


def find_link(target: str, is_there: bool, path: str) -> Oddity:
    """A symbolic link in the place of the file: writing would replace it, or somebody else's file behind it."""
    if not is_there:
        return Oddity(f"a symbolic link to {target}, which is not there", "remove the link", "an ordinary file")
    instead = f"cp --remove-destination {target} {path}"
    return Oddity(f"a symbolic link to {target}", f"put the file itself in its place: {instead}", "an ordinary file")


def find_folder_link(target: str, is_there: bool, path: str) -> Oddity:
    """A symbolic link in the place of the file's folder, which the control makes, and would have to remember."""
    found = f"{path}, a symbolic link to {target}"
    if not is_there:
        return Oddity(f"{found}, which is not there", "remove the link", "an ordinary folder")
    instead = f"rm {path} && cp -a {target} {path}"
    return Oddity(found, f"put the folder itself in its place: {instead}", "an ordinary folder")
