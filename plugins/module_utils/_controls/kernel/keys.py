"""The control `kernel`'s key in the sessions' specification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..container.fields import read_name, read_path, read_record, read_sha256, read_table, read_text
from ..keys import Key


@dataclass(frozen=True)
class KernelRules:
    """What of the kernel is closed. `sha256` is of the file `module_rules`; `sysctls`: name and value, sorted."""

    module_rules: str
    sha256: str
    sysctls: tuple[tuple[str, str], ...]


def read_kernel(key: str, raw: object) -> KernelRules:
    """`{"module_rules": "/path.conf", "sha256": …, "sysctls": {"kernel.name": "1"}}`."""
    table = read_record(key, raw, ("module_rules", "sha256", "sysctls"))
    values = read_table(f"{key}.sysctls", table["sysctls"])
    return KernelRules(
        read_path(f"{key}.module_rules", table["module_rules"]),
        read_sha256(f"{key}.sha256", table["sha256"]),
        tuple(
            (read_name(f"{key}.sysctls", name), read_text(f"{key}.sysctls.{name}", value))
            for name, value in sorted(values.items())
        ),
    )


KEYS: Mapping[str, Key] = {
    "kernel": Key(read_kernel),
}
