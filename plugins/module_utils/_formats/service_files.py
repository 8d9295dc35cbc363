"""What a service starts, by the text of its unit and its drop-ins. Source: systemd.service(5), systemd.exec(5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .environment_files import parse_environment_file
from .unit_words import ServiceTextError, put_in_specifiers, split_value, split_words

# Before the program's path: how it is run, not what.
_PREFIXES = "@-:+!|"
_VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\})")
_USED = re.compile(r"\$\{?(\w+)")


@dataclass(frozen=True)
class EnvironmentFile:
    """A path, which may be a pattern, and whether the service starts without it."""

    path: str
    is_optional: bool


@dataclass(frozen=True)
class ServiceText:
    """The settings as they stand. `exec_starts`: a service starts with one alone, unless `may_start_several`."""

    exec_starts: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    may_start_several: bool = False

    @property
    def exec_start(self) -> str:
        return "".join(self.exec_starts[-1:])


def parse_service(texts: Sequence[str]) -> ServiceText:
    """`texts`: the unit's, then those of its drop-ins in their order. An empty setting takes back those before it."""
    found: dict[str, list[str]] = {"ExecStart": [], "Environment": [], "EnvironmentFile": [], "Type": []}
    for key, value in (setting for text in texts for setting in _settings(text)):
        if key in found:
            found[key] = [*found[key], value] if value else []
    commands, lines, files = (tuple(found[key]) for key in ("ExecStart", "Environment", "EnvironmentFile"))
    return ServiceText(commands, lines, files, found["Type"][-1:] == ["oneshot"])


def list_environment_files(service: ServiceText, specifiers: Mapping[str, str]) -> tuple[EnvironmentFile, ...]:
    """What is no whole path is passed over, as systemd does. Raises ServiceTextError on an unknown specifier."""
    paths = [put_in_specifiers(text, specifiers) for text in service.files]
    files = (EnvironmentFile(path.removeprefix("-"), path.startswith("-")) for path in paths)
    return tuple(file for file in files if file.path.startswith("/"))


def read_environment(service: ServiceText, files: Sequence[str], specifiers: Mapping[str, str]) -> dict[str, str]:
    """`files`: their texts. What a file says counts more than what the unit says.

    Raises ServiceTextError on an unknown specifier in a variable that the command has; in others it does not matter.
    """
    environment: dict[str, str] = {}
    used = set(_USED.findall(service.exec_start))
    for word in (word for line in service.environment for word in _well_formed(line)):
        name, is_set, value = word.partition("=")
        if is_set and name in used:
            environment[name] = put_in_specifiers(value, specifiers)
    for text in files:
        environment.update(parse_environment_file(text))
    return environment


def read_command(exec_start: str, environment: Mapping[str, str], specifiers: Mapping[str, str]) -> tuple[str, ...]:
    """The program with its arguments, variables put in as systemd does: `$NAME` by words, `${NAME}` in its place.

    Raises ServiceTextError where it cannot be understood.
    """
    words = [put_in_specifiers(word, specifiers) for word in split_words(exec_start)]
    if not words:
        return ()
    program = words[0].lstrip(_PREFIXES)
    prefixes = words[0].removesuffix(program)
    arguments = words[2 if "@" in prefixes else 1 :]
    if ":" in prefixes:
        return (program, *arguments)
    return (program, *(part for word in arguments for part in _put_in(word, environment)))


def _put_in(word: str, environment: Mapping[str, str]) -> list[str]:
    if word.startswith("$") and word[1:2] not in {"{", "$"}:
        return split_value(environment.get(word[1:], ""))
    return [_VARIABLE.sub(lambda found: found["dollar"] or environment.get(found["name"], ""), word)]


def _well_formed(line: str) -> Iterator[str]:
    """The words before the first in which a quote is not closed: systemd passes over the rest, with a warning."""
    words = split_words(line)
    while True:
        try:
            yield next(words)
        except (ServiceTextError, StopIteration):
            return


def _settings(text: str) -> Iterator[tuple[str, str]]:
    section = ""
    for line in _lines(text):
        if line.startswith("["):
            section = line
        elif section == "[Service]":
            key, _unused, value = line.partition("=")
            yield key.strip(), value.strip()


def _lines(text: str) -> Iterator[str]:
    """Without comments and empty ones; one that ends in a backslash goes on in the next."""
    begun = ""
    for line in text.splitlines():
        if line.lstrip()[:1] in {"#", ";"}:
            continue
        if line.endswith("\\"):
            begun += line[:-1] + " "
            continue
        whole, begun = (begun + line).strip(), ""
        if whole:
            yield whole
    if begun.strip():
        yield begun.strip()
