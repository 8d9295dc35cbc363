"""The control `userns`'s key in the sessions' specification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..container.fields import read_count, read_record
from ..keys import Key


@dataclass(frozen=True)
class Userns:
    """The block of host ids that the container's ids are mapped to."""

    first_id: int
    size: int


def read_userns(key: str, raw: object) -> Userns:
    """`{"first_id": 231072, "size": 65536}`."""
    table = read_record(key, raw, ("first_id", "size"))
    return Userns(read_count(f"{key}.first_id", table["first_id"]), read_count(f"{key}.size", table["size"]))


KEYS: Mapping[str, Key] = {
    "userns": Key(read_userns),
}
