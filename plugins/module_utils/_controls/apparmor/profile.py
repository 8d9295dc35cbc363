"""What the sessions' AppArmor profile is made for: which files, which programs. Its text is the role's template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..._engine.errors import SandboxError
from ..container.create import PAUSE_TARGET

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
# Where a session can write, or where the kernel shows things that change under a name.
_NO_PROGRAMS = ("/tmp", "/run", "/var/run", "/dev", "/proc", "/sys")  # noqa: S108  # judged, not used


class AppArmorError(SandboxError):
    """The policy cannot be written as a profile, or this parser is too old to write for."""


@dataclass(frozen=True)
class AppArmorPolicy:
    """`executables`: absolute paths, links resolved. `readable_folders`: of the image, beyond the usual ones."""

    executables: tuple[str, ...]
    home_directory: str
    readable_folders: tuple[str, ...] = ()


def parse_apparmor_policy(params: Mapping[str, Any]) -> AppArmorPolicy:
    """From the module's parameters. Raises AppArmorError with the first path that cannot be."""
    home = _read_path("home_directory", params["home_directory"])
    executables = tuple(dict.fromkeys(_read_path("executables", path) for path in params["executables"]))
    if not executables:
        raise AppArmorError("executables: expected at least one program, found none", "the command line needs its own")
    for path in executables:
        for place in (*_NO_PROGRAMS, f"{home}/.ably"):
            if f"{path}/".startswith(f"{place}/"):
                raise AppArmorError(
                    f"executables: expected a program of the image, found {path}",
                    f"a session writes in {place}, and what it writes must never run",
                )
    folders = tuple(dict.fromkeys(_read_path("readable_folders", path) for path in params["readable_folders"]))
    for path in folders:
        if path.split("/")[1] in {"proc", "sys", "dev"}:
            raise AppArmorError(f"readable_folders: expected a folder of the image, found {path}", "leave it out")
    return AppArmorPolicy(executables, home, folders)


def choose_syntax(parser: tuple[int, int]) -> tuple[int, int]:
    """The newest syntax that a parser of this version reads."""
    for syntax in SYNTAXES:
        if parser >= syntax:
            return syntax
    raise AppArmorError(
        f"apparmor_parser: expected version 3.0 or newer, found {parser[0]}.{parser[1]}",
        "use a newer release of Debian",
    )


def _read_path(key: str, raw: object) -> str:
    is_plain = isinstance(raw, str) and _PATH.fullmatch(raw) and not {".", ".."} & set(raw.split("/"))
    if not is_plain:
        raise AppArmorError(
            f"{key}: expected an absolute path of letters, digits and '._+@-', found {raw!r}",
            "patterns, quotes, blanks, '.', '..' and '//' are not taken",
        )
    return str(raw)


def template_facts(policy: AppArmorPolicy) -> dict[str, Any]:
    """What the profile's template is made of: texts, and lists of them."""
    return {
        "profile": PROFILE,
        "pause_program": PAUSE_TARGET,
        "executables": list(policy.executables),
        "home_directory": policy.home_directory,
        "readable_folders": list(policy.readable_folders),
    }
