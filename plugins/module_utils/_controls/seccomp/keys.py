"""The control `seccomp`'s keys in the sessions' specification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..container.fields import read_name, read_path, read_record, read_sha256
from ..keys import Key


@dataclass(frozen=True)
class Seccomp:
    """A seccomp profile on the host; `sha256` is of the file."""

    profile: str
    sha256: str


def read_seccomp(key: str, raw: object) -> Seccomp:
    """`{"profile": "/path.json", "sha256": …}`."""
    table = read_record(key, raw, ("profile", "sha256"))
    return Seccomp(read_path(f"{key}.profile", table["profile"]), read_sha256(f"{key}.sha256", table["sha256"]))


KEYS: Mapping[str, Key] = {
    "seccomp": Key(read_seccomp),
    "runtime": Key(read_name),
}
