"""Asking nft: how the kernel lists a table, and how it would list one that is not loaded yet."""

from __future__ import annotations

import hashlib

from .._engine.errors import SandboxError
from .commands import run_command

_PATIENCE = 20.0
# Two runs of nft in one namespace, which a shell holds open. A `list` in the loaded file would not show the rules yet.
_LOAD_AND_LIST = 'nft --file - && exec nft --stateless --terse list table "$1" "$2"'


def digest_table(family: str, name: str) -> str | None:
    """SHA-256 of what `nft -s -t list table` prints: the rules, without counts and members of dynamic sets.

    None when the kernel has no such table, or nft cannot say.
    """
    result = run_command(("nft", "-s", "-t", "list", "table", family, name), accept=(0, 1), timeout=_PATIENCE)
    return hashlib.sha256(result.out.encode()).hexdigest() if result.status == 0 else None


def digest_source(table: str, source: str) -> str:
    """What `digest_table` will give once `source` is loaded. `table`: its family and its name.

    Loads it in a network namespace that is gone afterwards. Raises SandboxError when nft refuses it.
    """
    command = ("unshare", "--net", "sh", "-c", _LOAD_AND_LIST, "sh", *table.split())
    result = run_command(command, accept=(0, 1), stdin=source.encode(), timeout=_PATIENCE)
    if result.status != 0:
        raise SandboxError(f"nft table {table}: refused by nft: {result.err.strip()}", "correct the ruleset")
    return hashlib.sha256(result.out.encode()).hexdigest()
