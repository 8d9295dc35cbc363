"""Reads which of the modules that the sandbox needs the kernel has, and which it could load. Loads none."""

from __future__ import annotations

import gzip
import posixpath
from collections.abc import Sequence
from fnmatch import fnmatchcase

from .._controls.kernel.control import MODULE_RULES
from .._controls.kernel.others_files import loads_nothing
from .._controls.preflight.modules import LOADED_BY_NAME, MODULES, OPTIONS, ModuleFacts
from .._formats.kmod import parse_built_in_options, parse_module_names, parse_rules
from .commands import run_command
from .configuration import list_files
from .outside import Outside
from .programs import find_program
from .reading import Reader

_FAILED = (0, 1)


class ModuleReader:
    """The kernel under the outside's root; modprobe is this machine's own."""

    def __init__(self, outside: Outside, kernel: str) -> None:
        self._outside = outside
        self._reader = Reader(outside)
        self._kernel = kernel
        self._folder = f"/lib/modules/{kernel}"

    def read(self) -> ModuleFacts:
        """On a host where all of them are loaded nothing is run."""
        has_folder = self._reader.exists(self._folder)
        built_in = parse_module_names(self._reader.text(f"{self._folder}/modules.builtin"))
        file_systems = set(self._reader.text("/proc/filesystems").split())
        loaded = {name.replace("-", "_") for name in self._reader.names("/sys/module")}
        there = [name for name in MODULES if name in built_in | file_systems | loaded]
        open_still = [name for name in MODULES if name not in there]
        configuration = self._configuration() if open_still else ""
        options = parse_built_in_options(configuration)
        there += [name for name in open_still if OPTIONS[name] in options]
        wanted = [name for name in open_still if name not in there]
        return ModuleFacts(
            there=there,
            loadable=_loadable(wanted),
            closed=self._closed(wanted),
            has_folder=has_folder,
            has_configuration=bool(configuration),
            is_sealed=self._reader.text("/proc/sys/kernel/modules_disabled").strip() == "1",
        )

    def _configuration(self) -> str:
        """Of the running kernel, by itself or by its package; empty where neither says."""
        packed = self._reader.content("/proc/config.gz")
        if packed:
            return gzip.decompress(packed).decode("ascii", "replace")
        return self._reader.text(f"/boot/config-{self._kernel}") or self._reader.text(f"{self._folder}/config")

    def _closed(self, names: Sequence[str]) -> dict[str, str]:
        """What keeps modprobe from loading them, but for our own rules. The first command for a module counts."""
        found: dict[str, str] = {}
        commands: set[str] = set()
        for path in list_files(self._reader, "modprobe.d", posixpath.basename(MODULE_RULES)) if names else ():
            for word, pattern, rest in parse_rules(self._reader.text(path)):
                for name in (name for name in names if fnmatchcase(name, pattern)):
                    is_first = word == "install" and name not in commands
                    if word == "install":
                        commands.add(name)
                    is_closed = is_first and loads_nothing(rest)
                    if is_closed or (word == "blacklist" and name not in LOADED_BY_NAME):
                        found.setdefault(name, f"`{f'{word} {pattern} {rest}'.strip()}` in {path}")
        return found


def _loadable(names: Sequence[str]) -> tuple[str, ...]:
    """Asked together; one by one only where not all of them are."""
    if not names or find_program("modprobe") is None:
        return ()
    return tuple(names) if _can_load(*names) else tuple(name for name in names if _can_load(name))


def _can_load(*names: str) -> bool:
    command = ("modprobe", "--all", "--dry-run", "--quiet", "--", *names)
    return run_command(command, accept=_FAILED).status == 0
