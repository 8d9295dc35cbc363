"""The kernel's modules: which there are, which are loaded, and what is said of them in files.

Sources: modules.dep(5), proc_modules(5), modprobe.d(5); the kernel's Documentation/kbuild/kconfig-language.rst.
"""

from __future__ import annotations

from collections.abc import Iterator

_OPTION, _BUILT_IN = "CONFIG_", "=y"


def parse_module_names(text: str) -> frozenset[str]:
    """The names in modules.dep or modules.builtin, with underscores, without folder or ending."""
    files = (line.split(":", 1)[0] for line in text.splitlines())
    return frozenset(name.rsplit("/", 1)[-1].split(".ko", 1)[0].replace("-", "_") for name in files if name)


def parse_modules(text: str) -> dict[str, tuple[int, tuple[str, ...]]]:
    """From /proc/modules: name to its number of users, and those of them that are modules."""
    rows = [line.split() for line in text.splitlines()]
    return {
        row[0]: (int(row[2]), tuple(name for name in row[3].split(",") if name not in ("", "-")))
        for row in rows
        if len(row) > 3 and row[2].isdigit()
    }


def parse_rules(text: str) -> Iterator[tuple[str, str, str]]:
    """From a file of modprobe's: each line's word (`install`, `blacklist`, …), module and the rest.

    The module may be a pattern, and has underscores. A backslash at its end goes on with a line.
    """
    for line in text.replace("\\\n", " ").splitlines():
        words = line.split(None, 2)
        if len(words) > 1 and not words[0].startswith("#"):
            yield words[0], words[1].replace("-", "_"), words[2].strip() if len(words) > 2 else ""


def parse_built_in_options(text: str) -> frozenset[str]:
    """The names of what a kernel's configuration has built in, without `CONFIG_`."""
    lines = (line.strip() for line in text.splitlines())
    return frozenset(
        line[len(_OPTION) : -len(_BUILT_IN)] for line in lines if line.startswith(_OPTION) and line.endswith(_BUILT_IN)
    )
