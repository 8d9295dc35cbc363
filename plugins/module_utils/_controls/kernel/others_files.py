"""What others' files of configuration say of the items: modprobe.d(5), sysctl.d(5), modules-load.d(5). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from ..._formats.kmod import parse_rules
from ..._formats.sysctl import parse_settings
from .items import MODULES, SYSCTLS, is_closed

# What does not load anything, as people write it.
_HARMLESS = re.compile(r"^(?:/usr)?(?:/bin/)?(?:true|false)\b|^:$")


def parse_commands(text: str) -> Iterator[tuple[str, str]]:
    """From a file of modprobe's: item and `module: command`, of commands that are run instead of loading the module.

    Those that load nothing are left out.
    """
    for word, pattern, command in parse_rules(text):
        if word != "install" or not command or loads_nothing(command):
            continue
        for name, item in MODULES.items():
            for module in item.modules:
                if fnmatchcase(module, pattern):
                    yield name, f"{module}: {command}"


def loads_nothing(command: str) -> bool:
    return bool(_HARMLESS.match(command))


def parse_parameters(text: str) -> Iterator[tuple[str, str]]:
    """From a file of sysctl's: item and value, of those that would be open."""
    for pattern, value in parse_settings(text):
        for name in SYSCTLS:
            if fnmatchcase(name, pattern) and not is_closed(name, value):
                yield name, value


def parse_wanted(text: str) -> Iterator[tuple[str, str]]:
    """From a file of modules that are loaded at boot: item and module."""
    wanted = {
        line.strip().split()[0].replace("-", "_")
        for line in text.splitlines()
        if line.strip()[:1] not in ("", "#", ";")
    }
    for name, item in MODULES.items():
        for module in item.modules:
            if module in wanted:
                yield name, module
