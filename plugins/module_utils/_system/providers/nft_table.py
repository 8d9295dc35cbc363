"""One nftables table, as nft lists it: without counts, and without members that rules add to sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..._engine.errors import RefusedError, SandboxError
from ..._engine.resources import Traits, Wish
from ..._engine.states import ABSENT, State
from ..._engine.steps import Change
from ..._formats.nftables import TableName, find_tables, parse_table_name, render_swap, without_dynamic_members
from ..._formats.resource_facts import NftTableFacts, facts_of
from ..commands import CommandError, Result, encode, run_command
from ..programs import find_program
from .provider import PlainProvider

_NOT_THERE = "No such file or directory"
_PATIENCE = 20.0
# Two runs of nft in one namespace, which a shell holds open: a `list` in the loaded file would not show the rules yet.
_LOAD_AND_LIST = 'nft --file - && exec nft --stateless "$@"'


class NftTableProvider(PlainProvider):
    """name: FAMILY NAME, in the network namespace that this process is in. facts: NftTableFacts."""

    # The keeper of the filter may load a file that is about to be another, which it finds out five seconds later.
    traits = Traits(settling_seconds=20.0)

    def complete(self, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        """Each ruleset as the kernel would list it, so that it can be compared. As it is while nft is not installed."""
        if find_program("nft") is None:
            return tuple(wishes)
        return tuple(_complete(wish) for wish in wishes)

    def observe(self, name: str) -> State:
        table = parse_table_name(name)
        if find_program("nft") is None:
            return ABSENT
        command = ("nft", "--stateless", "list", "table", table.family, table.name)
        result = run_command(command, accept=(0, 1), timeout=_PATIENCE)
        if result.status == 0:
            return NftTableFacts(without_dynamic_members(result.out)).state
        if _NOT_THERE in result.err:
            return ABSENT
        raise CommandError(
            f"nft table {name}: cannot be listed: {_brief(result)}", "is nf_tables in the kernel?", result
        )

    def rehearse(self, change: Change) -> None:
        wanted = facts_of(NftTableFacts, change.after)
        if wanted is None or find_program("nft") is None:
            return
        table = parse_table_name(change.resource.name)
        batch = encode(render_swap(table, wanted.ruleset))
        result = run_command(("nft", "--check", "--file", "-"), accept=(0, 1), stdin=batch, timeout=_PATIENCE)
        if result.status != 0:
            raise RefusedError(f"nft table {table}: refused by nft: {_brief(result)}", "correct the ruleset")

    def swap_one(self, change: Change) -> None:
        wanted = facts_of(NftTableFacts, change.after)
        if wanted is None and find_program("nft") is None:
            return
        table = parse_table_name(change.resource.name)
        batch = encode(render_swap(table, wanted.ruleset if wanted else None))
        self._outside.run(("nft", "--file", "-"), stdin=batch, timeout=_PATIENCE)


def list_elsewhere(table: TableName, source: str, *options: str) -> str:
    """The listing of a ruleset, from a network namespace of its own in which it is loaded and which then is gone.

    `options`: more of nft's, such as `--terse`. Raises SandboxError with nft's own words when it cannot be loaded.
    """
    if set(find_tables(source)) != {str(table)}:
        raise SandboxError(f"nft table {table}: its ruleset defines {', '.join(find_tables(source)) or 'no table'}")
    command = (
        "unshare",
        "--net",
        "sh",
        "-c",
        _LOAD_AND_LIST,
        "sh",
        *options,
        "list",
        "table",
        table.family,
        table.name,
    )
    result = run_command(command, accept=(0, 1), stdin=encode(source), timeout=_PATIENCE)
    if result.status != 0:
        raise SandboxError(f"nft table {table}: refused by nft: {_brief(result)}", "correct the ruleset")
    return result.out


def _complete(wish: Wish) -> Wish:
    wanted = None if wish.state is None else facts_of(NftTableFacts, wish.state)
    if wanted is None:
        return wish
    listing = list_elsewhere(parse_table_name(wish.resource.name), wanted.ruleset)
    return replace(wish, state=NftTableFacts(without_dynamic_members(listing)).state)


def _brief(result: Result) -> str:
    """What nft said, without its pointers into the line."""
    return " | ".join(line.strip() for line in result.err.splitlines() if set(line.strip()) - {"^", "~"})
