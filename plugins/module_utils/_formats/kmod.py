"""The kernel's modules: those that are there, and those that are loaded. Sources: modules.dep(5), proc_modules(5)."""

from __future__ import annotations


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
