"""What the controls `subids` and `userns` ask of a host. Pure: facts in, problems out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..._formats.subids import RANGE_SIZE, IdRange, find_free, find_taken
from ..preflight.asked import Asked
from ..preflight.facts import HostFacts
from ..preflight.needs import Needs
from ..problem import Problem
from .control import RANGE_TABLES, REMAP_USER

_ANOTHER_STORE = (29, 0)


def ask(needs: Needs) -> Asked:
    """Of the range its ends, root's, and those that sessions have: a directory that lists nobody knows them."""
    first = needs.integer("sandbox_userns_first_id")
    sessions = (first + uid for uid in needs.session_uids)
    return Asked((needs.integer("sandbox_userns_uid"), first, *sessions, first + RANGE_SIZE - 1))


def find_problems_in_docker(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    if facts.user_namespaces < 1:
        next_step = "set the sysctl user.max_user_namespaces to its default"
        yield Problem("user namespaces", "none allowed", "at least one", next_step)
    if facts.docker.containers and facts.level < 2 and not needs.flag("sandbox_preflight_allow_containers"):
        next_step = "stop them, or set sandbox_preflight_allow_containers: level 2 moves Docker to another data folder"
        yield Problem("others' containers", ", ".join(facts.docker.containers), "none that run", next_step)
    if facts.docker.remapped_to not in (None, REMAP_USER):
        next_step = "take the key out, restart Docker, and see what that hides"
        yield Problem("daemon.json: userns-remap", repr(facts.docker.remapped_to), "no such key", next_step)


def find_problems_in_ids(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    uid, first = needs.integer("sandbox_userns_uid"), needs.integer("sandbox_userns_first_id")
    for line in facts.malformed_ids:
        next_step = "mend it: Docker cannot remap ids over such a line"
        yield Problem("subordinate ids", line, "name:first:count", next_step, spares_working_hosts=True)
    yield from find_unasked(facts.unasked_ranges)
    yield from find_taken_range(facts.ids, first)
    if uid in needs.own_uids:
        what, next_step = f"id {uid} of {REMAP_USER}", "choose another sandbox_userns_uid"
        yield Problem(what, "a session's or the gateway's", "an id of its own", next_step)
    yield from find_taken_uid(facts.ids, uid)


def find_unasked(reason: str) -> Iterator[Problem]:
    if reason:
        expected, next_step = "ranges that can be asked for", "install the package uidmap, or take the line out"
        yield Problem("subordinate ids", reason, expected, next_step, spares_working_hosts=True)


def find_taken_range(ids: Sequence[IdRange], first: int) -> Iterator[Problem]:
    what, free = f"subordinate ids {first} to {first + RANGE_SIZE - 1}", find_free(ids, REMAP_USER, first)
    such_as = "" if free is None else f", such as {free}"
    for taken in find_taken(ids, REMAP_USER, first):
        next_step, spares = f"choose another sandbox_userns_first_id{such_as}", not taken.is_in_table
        yield Problem(what, str(taken), "ids of nobody", next_step, spares_working_hosts=spares)


def find_taken_uid(ids: Sequence[IdRange], uid: int) -> Iterator[Problem]:
    what, next_step = f"id {uid} of {REMAP_USER}", "choose another sandbox_userns_uid"
    for taken in ids:
        if taken.path not in RANGE_TABLES and taken.overlaps(uid, 1) and taken.name != REMAP_USER:
            observed, spares = f"{taken.name}'s in {taken.path}", not taken.is_in_table
            yield Problem(what, observed, "an id of nobody", next_step, spares_working_hosts=spares)


def find_notes(facts: HostFacts, needs: Needs) -> Iterator[str]:
    """What changes for others when Docker starts to remap ids."""
    if needs.level < 2 or facts.level >= 2 or facts.docker.version is None:
        return
    yield (
        "Docker turns to another data folder: images, containers, networks and volumes of others are out of sight "
        "until the host is rolled back; sessions that are open are ended"
    )
    if facts.docker.version >= _ANOTHER_STORE:
        yield "Docker 29 and later also turns to its former kind of image store when ids are remapped"
