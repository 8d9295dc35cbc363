"""One nftables table. Fact: `ruleset`, exactly what `nft -s -t list table` prints; the note `_source` is what to load.

Two texts, because a listing without counts (`-s`) and without the members of sets (`-t`) stays the same while the
rules are at work, and one with the members of sets brings everything back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..._core.errors import RefusedError, SandboxError
from ..._core.resources import Wish
from ..._core.states import ABSENT, State, present
from ..._core.steps import Change
from ..._domain.nftables import TableName, find_tables, has_sets, parse_table_name, render_swap, without_dynamic_members
from ..commands import CommandError, Result, run_command
from ..programs import find_program
from .kind import PlainKind

_NOT_THERE = "No such file or directory"
_PATIENCE = 20.0
# Two runs of nft in one namespace, which a shell holds open: a `list` in the loaded file would not show the rules yet.
_LOAD_AND_LIST = 'nft --file - && exec nft --stateless --terse list table "$1" "$2"'


class NftTableKind(PlainKind):
    """Tables of the network namespace that this process is in."""

    def complete(self, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        """Each ruleset as the kernel would list it, so that it can be compared. As it is while nft is not installed."""
        if find_program("nft") is None:
            return tuple(wishes)
        return tuple(_complete(wish) for wish in wishes)

    def observe(self, name: str) -> State:
        table = parse_table_name(name)
        if find_program("nft") is None:
            return ABSENT
        listing = _list(table, "--terse")
        if listing is None:
            return ABSENT
        source = without_dynamic_members(_list(table) or listing) if has_sets(listing) else listing
        return present(ruleset=listing, _source=source)

    def rehearse(self, change: Change) -> None:
        source = _source_of(change.after)
        if source is None or find_program("nft") is None:
            return
        table = parse_table_name(change.resource.name)
        batch = _encode(render_swap(table, source))
        result = run_command(("nft", "--check", "--file", "-"), accept=(0, 1), stdin=batch, timeout=_PATIENCE)
        if result.status != 0:
            raise RefusedError(f"nft table {table}: refused by nft: {_brief(result)}", "correct the ruleset")

    def swap_one(self, change: Change) -> None:
        source = _source_of(change.after)
        if source is None and find_program("nft") is None:
            return
        batch = _encode(render_swap(parse_table_name(change.resource.name), source))
        self._outside.run(("nft", "--file", "-"), stdin=batch, timeout=_PATIENCE)


def list_elsewhere(table: TableName, source: str) -> str:
    """The terse listing of a ruleset, from a network namespace of its own in which it is loaded and which then is gone.

    Raises SandboxError with nft's own words when it cannot be loaded.
    """
    if set(find_tables(source)) != {str(table)}:
        raise SandboxError(f"nft table {table}: its ruleset defines {', '.join(find_tables(source)) or 'no table'}")
    command = ("unshare", "--net", "sh", "-c", _LOAD_AND_LIST, "sh", table.family, table.name)
    result = run_command(command, accept=(0, 1), stdin=_encode(source), timeout=_PATIENCE)
    if result.status != 0:
        raise SandboxError(f"nft table {table}: refused by nft: {_brief(result)}", "correct the ruleset")
    return result.out


def _complete(wish: Wish) -> Wish:
    source = None if wish.state is None else wish.state.fact("ruleset")
    if source is None:
        return wish
    listing = list_elsewhere(parse_table_name(wish.resource.name), source)
    return replace(wish, state=present(ruleset=listing, _source=source))


def _source_of(state: State) -> str | None:
    source: str | None = state.fact("_source") or state.fact("ruleset")
    return source


def _list(table: TableName, *options: str) -> str | None:
    """None when there is no such table."""
    command = ("nft", "--stateless", *options, "list", "table", table.family, table.name)
    result = run_command(command, accept=(0, 1), timeout=_PATIENCE)
    if result.status == 0:
        return result.out
    if _NOT_THERE in result.err:
        return None
    raise CommandError(f"nft table {table}: cannot be listed: {_brief(result)}", "is nf_tables in the kernel?", result)


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _brief(result: Result) -> str:
    """What nft said, without its pointers into the line."""
    return " | ".join(line.strip() for line in result.err.splitlines() if set(line.strip()) - {"^", "~"})
