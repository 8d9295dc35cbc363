"""What of a host has to be asked for by name or number: it is in no list that could be read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """`ids`: those that we are going to use, as users and as groups. `names`: accounts that have to be there.

    `address`: one that a session will have.
    """

    ids: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    address: str = ""
