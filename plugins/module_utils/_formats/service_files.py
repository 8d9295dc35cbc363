"""What a service starts, by the text of its unit and its drop-ins. Source: systemd.service(5), systemd.exec(5)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .._engine.errors import SandboxError

# Before the program's path: how it is run, not what.
_PREFIXES = "@-:+!|"
_LONE_VARIABLE = re.compile(r"\$(?P<name>[A-Za-z_][A-Za-z0-9_]*)")
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}")


class ServiceTextError(SandboxError):
    """What a unit says cannot be understood."""


@dataclass(frozen=True)
class ServiceText:
    """`exec_start` and the settings of the environment as they stand. `files`: without their leading dash."""

    exec_start: str = ""
    environment: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def parse_service(texts: Sequence[str]) -> ServiceText:
    """`texts`: the unit's, then those of its drop-ins in their order. An empty setting takes back those before it."""
    found: dict[str, list[str]] = {"ExecStart": [], "Environment": [], "EnvironmentFile": []}
    for key, value in (setting for text in texts for setting in _settings(text)):
        if key in found:
            found[key] = [*found[key], value] if value else []
    files = tuple(value.lstrip("-") for value in found["EnvironmentFile"])
    return ServiceText("".join(found["ExecStart"][-1:]), tuple(found["Environment"]), files)


def parse_environment_file(text: str) -> dict[str, str]:
    """The variables that it sets; what systemd would pass over is passed over."""
    found = {}
    for line in _lines(text):
        name, is_set, value = line.partition("=")
        if is_set:
            found[name.strip()] = " ".join(_split(value.strip()))
    return found


def read_environment(service: ServiceText, files: Sequence[str]) -> dict[str, str]:
    """`files`: their texts. What a file says counts more than what the unit says."""
    environment: dict[str, str] = {}
    for setting in (word for line in service.environment for word in _split(line)):
        name, _, value = setting.partition("=")
        environment[name] = value
    for text in files:
        environment.update(parse_environment_file(text))
    return environment


def read_command(exec_start: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The program with its arguments, variables put in as systemd does: `$NAME` by words, `${NAME}` in its place."""
    words = _split(exec_start)
    if not words:
        return ()
    prefixes = words[0][: len(words[0]) - len(words[0].lstrip(_PREFIXES))]
    program, arguments = words[0].lstrip(_PREFIXES), words[2 if "@" in prefixes else 1 :]
    return (program, *(part for word in arguments for part in _put_in(word, environment)))


def _put_in(word: str, environment: Mapping[str, str]) -> list[str]:
    lone = _LONE_VARIABLE.fullmatch(word)
    if lone:
        return _split(environment.get(lone["name"], ""))
    whole = _VARIABLE.sub(lambda found: environment.get(found["name"], ""), word)
    return [whole.replace("$$", "$").replace("%%", "%")]


def _settings(text: str) -> Iterator[tuple[str, str]]:
    section = ""
    for line in _lines(text):
        if line.startswith("["):
            section = line
        elif section == "[Service]":
            key, _, value = line.partition("=")
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


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ServiceTextError(f"{text!r}: {error}", "close what is open in it") from error
