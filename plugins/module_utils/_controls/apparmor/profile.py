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
    "home_directory": {"type": "path", "required": True},
    "readable_folders": {**_PATHS, "default": []},
}
# No glob, no variable, no quote, no blank: a path that means itself wherever it stands in a profile.
_PATH = re.compile(r"(?:/[A-Za-z0-9._+@-]+)+")
_PLAIN = "an absolute path of letters, digits and '._+@-', without '.', '..' and '//'"
# Where a session can write, or where the kernel shows things that change under a name.
_NO_PROGRAMS = ("/tmp", "/run", "/var/run", "/dev", "/proc", "/sys")  # noqa: S108  # judged, not used


class AppArmorError(FaultsError):
    """The policy cannot be written as a profile, or this parser is too old to write for."""


@dataclass(frozen=True)
class AppArmorPolicy:
    """`executables`: absolute paths, links resolved. `readable_folders`: of the image, beyond the usual ones."""

    executables: tuple[str, ...]
    home_directory: str
    readable_folders: tuple[str, ...] = ()


def parse_apparmor_policy(params: Mapping[str, Any]) -> AppArmorPolicy:
    """From the module's parameters. Raises AppArmorError with every path that cannot be."""
    home, executables, folders = (params[name] for name in ("home_directory", "executables", "readable_folders"))
    faults = [
        *(() if _is_plain(home) else (Fault("home_directory", _PLAIN, repr(home)),)),
        *_find_wrong_executables(executables, home),
        *_find_wrong_folders(folders),
    ]
    if faults:
        raise AppArmorError(*faults, hint="nothing was changed; correct the variables of the role")
    return AppArmorPolicy(tuple(dict.fromkeys(executables)), home, tuple(dict.fromkeys(folders)))


def _find_wrong_executables(paths: Sequence[object], home: object) -> Iterator[Fault]:
    if not paths:
        yield Fault("executables", "at least one program, that of the command line", "none")
    for number, path in enumerate(paths):
        places = [place for place in (*_NO_PROGRAMS, f"{home}/.ably") if f"{path}/".startswith(f"{place}/")]
        if not _is_plain(path):
            yield Fault("executables", _PLAIN, repr(path), f"[{number}]")
        elif places:
            expected = f"a program of the image, none in {places[0]}, where a session writes"
            yield Fault("executables", expected, str(path), f"[{number}]")


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
    }
