"""What the sessions' AppArmor profile is made for: which files, which programs. Its text is the role's template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..container.create import PAUSE_TARGET
from ..faults import Fault, FaultsError

PROFILE = "ably-sandbox"
PROFILE_FILE = f"/etc/apparmor.d/{PROFILE}"
# Newest first: syntax to the module's parameter with the text in it. An older parser refuses what a newer syntax knows
# (userns, mqueue, io_uring). The version is the host's own parser's, which only the host knows: it gets both.
SYNTAXES: Mapping[tuple[int, int], str] = {(4, 0): "profile", (3, 0): "profile_before_4"}

# As an argument spec.
_PATHS = {"type": "list", "elements": "path"}
POLICY_ARGUMENTS: dict[str, Any] = {
    "executables": {**_PATHS, "required": True},
    "executables_additional": {**_PATHS, "default": []},
    "home_directory": {"type": "path", "required": True},
    "libraries_additional": {**_PATHS, "default": []},
    "readable_folders": {**_PATHS, "default": []},
}
# No glob, no variable, no quote, no blank: a path that means itself wherever it stands in a profile.
_PATH = re.compile(r"(?:/[A-Za-z0-9._+@-]+)+")
_PLAIN = "an absolute path of letters, digits and '._+@-', without '.', '..' and '//'"
# The same, in which a star is one name or a part of one, and two are any names below.
_GLOB = re.compile(r"/[A-Za-z0-9._+@-]+(?:/[A-Za-z0-9._+@*-]+)+")
_PLAIN_GLOB = "an absolute path of letters, digits, '._+@-' and, below its first folder, '*' and '**'"
# Where a session can write, or where the kernel shows things that change under a name.
_NO_PROGRAMS = ("/tmp", "/run", "/var/run", "/dev", "/proc", "/sys")  # noqa: S108  # judged, not used


class AppArmorError(FaultsError):
    """The policy cannot be written as a profile, or this parser is too old to write for."""


@dataclass(frozen=True)
class AppArmorPolicy:
    """`executables`: absolute paths, links resolved. `readable_folders`: of the image, beyond the usual ones.

    `libraries`: paths and patterns of what may be mapped as machine code, beyond that in `lib` folders.
    """

    executables: tuple[str, ...]
    home_directory: str
    readable_folders: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()


def parse_apparmor_policy(params: Mapping[str, Any]) -> AppArmorPolicy:
    """From the module's parameters. Raises AppArmorError with every path that cannot be."""
    home, executables, folders = (params[name] for name in ("home_directory", "executables", "readable_folders"))
    more, libraries = params["executables_additional"], params["libraries_additional"]
    faults = [
        *(() if _is_plain(home) else (Fault("home_directory", _PLAIN, repr(home)),)),
        *(() if executables else (Fault("executables", "at least one program, that of the command line", "none"),)),
        *_find_wrong_executables("executables", executables, home),
        *_find_wrong_executables("executables_additional", more, home),
        *_find_wrong_folders(folders),
        *_find_wrong_libraries(libraries, home),
    ]
    if faults:
        raise AppArmorError(*faults, hint="nothing was changed; correct the variables of the role")
    programs = tuple(dict.fromkeys((*executables, *more)))
    return AppArmorPolicy(programs, home, tuple(dict.fromkeys(folders)), tuple(dict.fromkeys(libraries)))


def _find_wrong_executables(key: str, paths: Sequence[object], home: object) -> Iterator[Fault]:
    for number, path in enumerate(paths):
        places = [place for place in _changing_places(home) if f"{path}/".startswith(f"{place}/")]
        if not _is_plain(path):
            yield Fault(key, _PLAIN, repr(path), f"[{number}]")
        elif places:
            expected = f"a program of the image, none in {places[0]}, where a session writes"
            yield Fault(key, expected, str(path), f"[{number}]")


def _find_wrong_libraries(paths: Sequence[object], home: object) -> Iterator[Fault]:
    """A pattern is told where what stands before its first star could still become such a place."""
    for number, path in enumerate(paths):
        if not (isinstance(path, str) and _GLOB.fullmatch(path) and not {".", ".."} & set(path.split("/"))):
            yield Fault("libraries_additional", _PLAIN_GLOB, repr(path), f"[{number}]")
            continue
        fixed, star, _unused = path.partition("*")
        places = [f"{place}/" for place in _changing_places(home)]
        if met := [place for place in places if fixed.startswith(place) or (star and place.startswith(fixed))]:
            expected = f"files of the image, none that may be in {met[0]}, where a session writes"
            yield Fault("libraries_additional", expected, path, f"[{number}]")


def _changing_places(home: object) -> tuple[str, ...]:
    return (*_NO_PROGRAMS, f"{home}/.ably")


def _find_wrong_folders(paths: Sequence[object]) -> Iterator[Fault]:
    for number, path in enumerate(paths):
        if not _is_plain(path):
            yield Fault("readable_folders", _PLAIN, repr(path), f"[{number}]")
        elif str(path).split("/")[1] in {"proc", "sys", "dev"}:
            yield Fault("readable_folders", "a folder of the image", str(path), f"[{number}]")


def _is_plain(path: object) -> bool:
    return isinstance(path, str) and _PATH.fullmatch(path) is not None and not {".", ".."} & set(path.split("/"))


def choose_syntax(parser: tuple[int, int]) -> tuple[int, int]:
    """The newest syntax that a parser of this version reads."""
    for syntax in SYNTAXES:
        if parser >= syntax:
            return syntax
    fault = Fault("apparmor_parser", "version 3.0 or newer", f"{parser[0]}.{parser[1]}")
    raise AppArmorError(fault, hint="use a newer release of Debian")


def template_facts(policy: AppArmorPolicy) -> dict[str, Any]:
    """What the profile's template is made of: texts, and lists of them."""
    return {
        "profile": PROFILE,
        "pause_program": PAUSE_TARGET,
        "executables": list(policy.executables),
        "home_directory": policy.home_directory,
        "readable_folders": list(policy.readable_folders),
        "libraries": list(policy.libraries),
    }
