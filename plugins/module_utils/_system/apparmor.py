"""Asking AppArmor: what its parser makes of a source, what the kernel has loaded, and which processes are under it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from functools import lru_cache

from .._engine.errors import SandboxError
from .._formats.apparmor_facts import ENFORCE, LoadedProfile, parse_parser_version
from .commands import encode, last_lines, run_command
from .outside import explained
from .programs import find_program

PARSER = "apparmor_parser"
KERNEL = "/sys/kernel/security/apparmor"
# Every profile has a folder here, by its name, a dot and a number that the kernel counts up.
_PROFILES = f"{KERNEL}/policy/profiles"
_KERNEL_MODE = "/sys/module/apparmor/parameters/mode"
_PATIENCE = 60.0


def read_parser_version() -> tuple[int, int] | None:
    """None when the parser is not installed."""
    if find_program(PARSER) is None:
        return None
    return parse_parser_version(run_command((PARSER, "--version"), timeout=_PATIENCE).out)


@lru_cache(maxsize=8)
def compile_profile(source: str) -> bytes:
    """The policy as the kernel will have it once it is loaded; byte by byte the same for the same source.

    Of this parser's version and this kernel's features. Raises SandboxError with the parser's own words.
    """
    # The cache could hold what an older source was compiled to.
    command = (PARSER, "--skip-kernel-load", "--skip-cache", "--quiet", "--stdout")
    result = run_command(command, accept=range(256), stdin=encode(source), timeout=_PATIENCE)
    if result.status != 0 or not result.out:
        raise SandboxError(f"AppArmor profile: refused by {PARSER}: {last_lines(result)}", "correct the profile")
    return encode(result.out)


def read_profile(name: str, root: str = "") -> LoadedProfile | None:
    """The profile as the kernel has it; None when it has none of that name."""
    with explained("read", _PROFILES):
        folder = _find_folder(f"{root}{_PROFILES}", name)
        if folder is None:
            return None
        mode = (_read(f"{folder}/mode") or b"").decode().strip()
        # One switch makes every profile complain, and each of them still says enforce.
        of_all = (_read(f"{root}{_KERNEL_MODE}") or b"unknown").decode().strip()
        return LoadedProfile(mode if of_all == ENFORCE else of_all, _read(f"{folder}/raw_data"))


def find_users(name: str, root: str = "") -> list[str]:
    """Every process whose label has the profile in it, alone or stacked: `PID (program)`."""
    with explained("list", "/proc"):
        numbers = sorted((entry for entry in os.listdir(f"{root}/proc") if entry.isdigit()), key=int)
        return [
            f"{number} ({(_read(f'{root}/proc/{number}/comm') or b'?').decode(errors='replace').strip()})"
            for number in numbers
            if name in _labels_of(f"{root}/proc/{number}")
        ]


def _labels_of(folder: str) -> list[str]:
    """attr/current is `name (mode)`, or several stacked: `ably-sandbox//&crun (mixed)`."""
    label = (_read(f"{folder}/attr/current") or b"").decode(errors="replace").strip()
    return label.rpartition(" (")[0].split("//&")


def _find_folder(profiles: str, name: str) -> str | None:
    for folder in _list_folders(profiles, name):
        if (_read(f"{folder}/name") or b"").decode().strip() == name:
            return folder
    return None


def _list_folders(profiles: str, name: str) -> Iterator[str]:
    try:
        entries = sorted(os.listdir(profiles))
    except FileNotFoundError:
        return
    yield from (f"{profiles}/{entry}" for entry in entries if entry.rpartition(".")[0] == name)


def _read(path: str) -> bytes | None:
    """None when there is no such file, or when its process or profile has gone meanwhile."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, ProcessLookupError):
        return None
    except OSError as error:
        # attr/current without AppArmor answers EINVAL.
        if error.errno == errno.EINVAL:
            return None
        raise
