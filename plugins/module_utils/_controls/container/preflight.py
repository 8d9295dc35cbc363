"""What the control `container` asks of a host. Pure: facts in, problems out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ..._formats.subids import IdRange
from ..names import GROUP
from ..preflight.asked import Asked
from ..preflight.facts import HostFacts
from ..preflight.needs import Needs
from ..problem import Problem, wrong_variable

_USERS = "sandbox_container_users"


def ask(needs: Needs) -> Asked:
    return Asked((*needs.session_uids, needs.integer("sandbox_container_gid")), needs.names(_USERS))


def find_problems(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    """Ids of somebody's, and those of the group that opens sessions, which a session must not have."""
    yield from find_taken_uids(facts.ids, needs.session_uids)
    gid = needs.integer("sandbox_container_gid")
    if gid in needs.own_uids:
        what, next_step = f"id {gid} of the group {GROUP}", "choose another sandbox_container_gid"
        yield Problem(what, "a session's or the gateway's", "an id of its own", next_step)
    yield from find_taken_gid(facts.ids, gid)
    yield from find_unknown_users(needs.names(_USERS), facts.accounts)


def find_taken_uids(ids: Sequence[IdRange], uids: range) -> Iterator[Problem]:
    what, next_step = f"session ids {uids[0]} to {uids[-1]}", "choose another sandbox_container_uid_base"
    for taken in ids:
        if taken.overlaps(uids.start, len(uids)):
            spares = not taken.is_in_table
            yield Problem(what, str(taken), "ids of nobody", next_step, spares_working_hosts=spares)


def find_taken_gid(ids: Sequence[IdRange], gid: int) -> Iterator[Problem]:
    what, next_step = f"id {gid} of the group {GROUP}", "choose another sandbox_container_gid"
    for taken in ids:
        if taken.may_be_groups and taken.overlaps(gid, 1) and taken.name != GROUP:
            spares = not taken.is_in_table
            yield Problem(what, str(taken), "an id of nobody", next_step, spares_working_hosts=spares)


def find_unknown_users(names: Sequence[str], accounts: Mapping[str, str]) -> Iterator[Problem]:
    """`accounts`: as in HostFacts. Groups are found by the name that NSS has: another spelling opens nothing."""
    for place, name in enumerate(names):
        there = accounts.get(name)
        if there == name:
            continue
        observed = f"'{name}', which is no account of this host"
        expected, next_step = "a name that getent passwd knows", "make the account first, or take the name out"
        if there is not None:
            observed, expected, next_step = f"'{name}'", f"'{there}'", "write it as NSS has it"
        problem = wrong_variable(_USERS, observed, expected, next_step, f"[{place}]")
        yield replace(problem, spares_working_hosts=True)
