"""What level 2 asks of a host beyond level 1. Pure: facts in, problems out."""

from __future__ import annotations

from collections.abc import Iterator

from ..._formats.subids import RANGE_SIZE, find_taken
from ..preflight.facts import HostFacts
from ..preflight.needs import Needs, Problem
from .control import RANGE_TABLES, REMAP_USER

_ANOTHER_STORE = (29, 0)


def find_problems_of_level_2(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    if needs.level < 2:
        return
    if not facts.has_apparmor:
        yield Problem("AppArmor", "off in the kernel", "on", "boot with apparmor=1 security=apparmor")
    if facts.user_namespaces < 1:
        next_step = "set the sysctl user.max_user_namespaces to its default"
        yield Problem("user namespaces", "none allowed", "at least one", next_step)
    if facts.docker.containers and facts.level < 2 and not needs.allow_others_containers:
        next_step = "stop them, or set sandbox_preflight_allow_containers: level 2 moves Docker to another data folder"
        yield Problem("others' containers", ", ".join(facts.docker.containers), "none that run", next_step)
    if facts.docker.remapped_to not in (None, REMAP_USER):
        next_step = "take the key out, restart Docker, and see what that hides"
        yield Problem("daemon.json: userns-remap", repr(facts.docker.remapped_to), "no such key", next_step)
    yield from _in_ids(facts, needs)


def _in_ids(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    for line in facts.malformed_ids:
        yield Problem("subordinate ids", line, "name:first:count", "mend it: Docker cannot remap ids over such a line")
    what = f"subordinate ids {needs.remap_first_id} to {needs.remap_first_id + RANGE_SIZE - 1}"
    for taken in find_taken(facts.ids, REMAP_USER, needs.remap_first_id):
        yield Problem(what, str(taken), "ids of nobody", "choose another sandbox_userns_first_id")
    ours = [*range(needs.uid_base, needs.uid_base + needs.sessions), needs.proxy_uid]
    if needs.remap_uid in ours:
        whose, next_step = "a session's or the gateway's", "choose another sandbox_userns_uid"
        yield Problem(f"id {needs.remap_uid} of {REMAP_USER}", whose, "an id of its own", next_step)
    for taken in facts.ids:
        if taken.path not in RANGE_TABLES and taken.first == needs.remap_uid and taken.name != REMAP_USER:
            has = f"{taken.name}'s in {taken.path}"
            yield Problem(f"id {needs.remap_uid} of {REMAP_USER}", has, "an id of nobody", "choose another")


def find_notes_of_level_2(facts: HostFacts, needs: Needs) -> Iterator[str]:
    """What changes for others when Docker starts to remap ids."""
    if needs.level < 2 or facts.level >= 2:
        return
    if facts.docker.version is not None:
        yield (
            "Docker turns to another data folder: images, containers, networks and volumes of others are out of sight "
            "until the host is rolled back; sessions that are open are ended"
        )
    if facts.docker.version is not None and facts.docker.version >= _ANOTHER_STORE:
        yield "Docker 29 and later also turns to its former kind of image store when ids are remapped"
