"""The control `apparmor`'s key in the sessions' specification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..container.fields import read_name, read_record, read_sha256, wrong
from ..keys import Key


@dataclass(frozen=True)
class AppArmor:
    """A profile in the kernel; `sha256` is of the policy that `apparmor_parser` makes of its source."""

    profile: str
    sha256: str


def read_apparmor(key: str, raw: object) -> AppArmor:
    """`{"profile": …, "sha256": …}`; `unconfined` is no profile."""
    table = read_record(key, raw, ("profile", "sha256"))
    name = read_name(f"{key}.profile", table["profile"])
    if name == "unconfined":
        raise wrong(f"{key}.profile", "a profile that confines", name)
    return AppArmor(name, read_sha256(f"{key}.sha256", table["sha256"]))


KEYS: Mapping[str, Key] = {
    "apparmor": Key(read_apparmor),
}
