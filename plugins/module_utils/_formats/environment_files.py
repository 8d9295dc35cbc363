"""Files of variables, as EnvironmentFile= names them. Source: systemd.exec(5), and load_env_file() of systemd 257."""

from __future__ import annotations

import re

# Until systemd 253 a comment that ends in a backslash took the next line with it.
_BLANK = re.compile(r"(?:[ \t\n\r]|[#;][^\n\r]*)*")
_KEY = re.compile(r".[^=\n\r]*", re.DOTALL)
_SPACE = re.compile(r"[ \t]*")
_SINGLE = re.compile(r"'(?P<text>[^']*)'?")
_DOUBLE = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)(?:"|\\?\Z)', re.DOTALL)
# Begun without a quote it goes to the end of its line: quotes in it are part of it.
_BARE = re.compile(r"(?P<text>(?:[^\n\r\\]|\\.)*?)(?:[ \t]*(?=[\n\r]|\Z)|\\\Z)", re.DOTALL)
_ESCAPED = re.compile(r"\\(?P<sign>.)", re.DOTALL)
_IN_QUOTES = '"\\`$'


def parse_environment_file(text: str) -> dict[str, str]:
    """The variables that it sets; lines without `=` are passed over. A quote that nobody closes goes to the end."""
    found: dict[str, str] = {}
    place = _end(_BLANK, text, 0)
    while place < len(text):
        end = _end(_KEY, text, place)
        name = text[place:end].rstrip(" \t")
        if text.startswith("=", end):
            found[name], end = _read_value(text, end + 1)
        place = _end(_BLANK, text, end)
    return found


def _read_value(text: str, start: int) -> tuple[str, int]:
    """And where it ends. What is quoted may be followed by more, space between them does not count."""
    value, place = "", _end(_SPACE, text, start)
    while quoted := _SINGLE.match(text, place) or _DOUBLE.match(text, place):
        value += quoted["text"] if quoted.re is _SINGLE else _ESCAPED.sub(_unescape, quoted["text"])
        place = _end(_SPACE, text, quoted.end())
    bare = _match(_BARE, text, place)
    return value + _ESCAPED.sub(lambda found: found["sign"].strip("\n\r"), bare["text"]), bare.end()


def _unescape(found: re.Match[str]) -> str:
    """In double quotes, as in a shell."""
    sign = found["sign"]
    if sign == "\n":
        return ""
    return sign if sign in _IN_QUOTES else found[0]


def _end(pattern: re.Pattern[str], text: str, place: int) -> int:
    return _match(pattern, text, place).end()


def _match(pattern: re.Pattern[str], text: str, place: int) -> re.Match[str]:
    """Of a pattern that takes any text, and no text as well."""
    found = pattern.match(text, place)
    if found is None:
        raise AssertionError(f"{pattern.pattern}: does not take any text")
    return found
