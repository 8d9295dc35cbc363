"""With which flags dockerd will be started: from the unit's files, which count from the next start on."""

from __future__ import annotations

import glob
import os
import posixpath

from .._controls.docker.start import DEBIAN_SERVICE, DOCKERD, UnitFaults
from .._formats.service_files import (
    ServiceText,
    list_environment_files,
    parse_service,
    read_command,
    read_environment,
)
from .._formats.unit_words import specifiers_of
from .outside import Outside
from .programs import find_program
from .reading import Reader

_UNIT = "docker.service"
# A file in an earlier one takes the place of its namesakes in those after it.
_UNIT_FOLDERS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
)
# What a package of Docker's or Debian's brings.
_OF_PACKAGES = frozenset({"/usr/sbin/dockerd", "/usr/bin/dockerd", "/etc/default/docker"})
_DROP_INS = (f"{_UNIT}.d", "service.d")


def read_docker_command(outside: Outside) -> tuple[str, ...]:
    """The program and its arguments. Where there is no unit yet: Debian's, with the drop-ins that are left over.

    Raises ServiceTextError where a file cannot be understood.
    """
    reader, specifiers = Reader(outside), _specifiers()
    service = _read_service(reader)
    files = [path for file in list_environment_files(service, specifiers) for path in _find(outside, file.path)]
    environment = read_environment(service, [reader.text(path) for path in files], specifiers)
    return read_command(service.exec_start, environment, specifiers)


def find_unit_faults(outside: Outside) -> UnitFaults:
    """Why systemd would not start the unit. Raises ServiceTextError where a file cannot be understood."""
    reader = Reader(outside)
    service = _read_service(reader)
    is_single = service.may_start_several or len(service.exec_starts) < 2
    named = [file.path for file in list_environment_files(service, _specifiers()) if not file.is_optional]
    files = tuple(path for path in named if not _find(outside, path) and not _will_be_installed(path))
    programs = read_docker_command(outside)[:1] if _read_unit(reader) else ()
    missing = [path for path in programs if posixpath.isabs(path) and not find_program(path)]
    program = next((path for path in missing if not _will_be_installed(path)), "")
    return UnitFaults(() if is_single else service.exec_starts, files, program)


def _will_be_installed(path: str) -> bool:
    return path in _OF_PACKAGES and find_program(DOCKERD) is None


def _read_service(reader: Reader) -> ServiceText:
    return parse_service([_read_unit(reader) or DEBIAN_SERVICE, *map(reader.text, _list_drop_ins(reader))])


def _read_unit(reader: Reader) -> str:
    """The host's own; empty where there is none."""
    return next((text for folder in _UNIT_FOLDERS if (text := reader.text(f"{folder}/{_UNIT}"))), "")


def _specifiers() -> dict[str, str]:
    return specifiers_of(_UNIT, os.uname().nodename)


def _list_drop_ins(reader: Reader) -> list[str]:
    """In the order in which systemd reads them: by their names, whichever folder they are in."""
    found: dict[str, str] = {}
    for folder in (f"{top}/{name}" for name in _DROP_INS for top in _UNIT_FOLDERS):
        for name in reader.names(folder):
            if name.endswith(".conf"):
                found.setdefault(name, f"{folder}/{name}")
    return [found[name] for name in sorted(found)]


def _find(outside: Outside, pattern: str) -> list[str]:
    """The files that a setting means, which may be a pattern."""
    real = outside.path(pattern)
    prefix = len(real) - len(pattern)
    return [posixpath.normpath(path[prefix:]) for path in sorted(glob.glob(real))]
