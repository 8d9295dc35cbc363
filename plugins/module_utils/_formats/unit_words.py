"""The words of a unit's settings: quotes, escapes and specifiers. Source: systemd.syntax(7), systemd.unit(5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .._engine.errors import SandboxError

_SPACE = " \t\n\r"
_WORD = re.compile(
    r"""'(?P<single>(?:[^'\\]|\\.)*)' | "(?P<double>(?:[^"\\]|\\.)*)" | (?P<bare>(?:[^ \t\n\r'"\\]|\\(?:.|\Z))+)""",
    re.DOTALL | re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:x(?P<hex>[0-9a-fA-F]{2})|(?P<octal>[0-3][0-7]{2})|(?P<sign>.))", re.DOTALL)
_SIGNS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "s": " "}
_LITERAL = "\\\"'"
_SPECIFIER = re.compile(r"%(?P<name>[A-Za-z%])")


class ServiceTextError(SandboxError):
    """What a unit says cannot be understood."""


def specifiers_of(unit: str, hostname: str) -> dict[str, str]:
    """What stands for `%n` and its like in a system service without an instance."""
    name = unit.rpartition(".")[0]
    folders = {"t": "/run", "S": "/var/lib", "C": "/var/cache", "L": "/var/log", "E": "/etc"}
    return {"n": unit, "N": name, "p": name, "P": name, "H": hostname, "%": "%", **folders}


def put_in_specifiers(text: str, specifiers: Mapping[str, str]) -> str:
    """A percent sign before what is no letter stands for itself. Raises ServiceTextError where one is not known."""
    for found in _SPECIFIER.finditer(text):
        if found["name"] not in specifiers:
            raise ServiceTextError(f"{found[0]} in {text!r}", "write in its place what it stands for")
    return _SPECIFIER.sub(lambda found: specifiers[found["name"]], text)


def split_words(text: str) -> Iterator[str]:
    """A setting's words, one by one. Raises ServiceTextError at the one in which a quote is not closed."""
    place = _skip(text, 0)
    while place < len(text):
        word = ""
        while place < len(text) and text[place] not in _SPACE:
            found = _WORD.match(text, place)
            if found is None:
                raise ServiceTextError(f"{text!r}: No closing quotation", "close what is open in it")
            word, place = word + _ESCAPE.sub(_unescape, found[found.lastgroup or 0]), found.end()
        yield word
        place = _skip(text, place)


def split_value(text: str) -> list[str]:
    """A variable's value as words: a backslash takes what follows as it is, what is open ends with the text."""
    words: list[str] = []
    word: str | None = None
    quote = ""
    signs = iter(text)
    for sign in signs:
        if not quote and sign in _SPACE:
            words, word = words if word is None else [*words, word], None
            continue
        is_mark = sign in {"'", '"'} and quote in {"", sign}
        quote = ("" if quote else sign) if is_mark else quote
        word = (word or "") + ("" if is_mark else next(signs, "") if sign == "\\" else sign)
    return words if word is None else [*words, word]


def _skip(text: str, place: int) -> int:
    return len(text) - len(text[place:].lstrip(_SPACE))


def _unescape(found: re.Match[str]) -> str:
    """As in C; what is no escape is kept as it stands."""
    if found["hex"] or found["octal"]:
        return chr(int(found["hex"], 16) if found["hex"] else int(found["octal"], 8))
    sign = found["sign"]
    return sign if sign in _LITERAL else _SIGNS.get(sign, found[0])
