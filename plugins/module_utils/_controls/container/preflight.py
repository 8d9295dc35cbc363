"""What the control `container` asks of a host. Pure: facts in, problems out."""

from __future__ import annotations

from collections.abc import Iterator

from ..names import GROUP
from ..preflight.facts import HostFacts
from ..preflight.needs import Needs
from ..problem import Problem

# Where the id of a group can be somebody else's.
_GROUP_TABLES = ("/etc/group", "/etc/subgid")


def find_problems(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    """Ids of somebody's, and those of the group that opens sessions, which a session must not have."""
    uids, gid = needs.session_uids, needs.integer("sandbox_container_gid")
    for taken in facts.ids:
        if taken.overlaps(uids.start, len(uids)):
            what, next_step = f"session ids {uids[0]} to {uids[-1]}", "choose another sandbox_container_uid_base"
            yield Problem(what, str(taken), "ids of nobody", next_step)
    what, next_step = f"id {gid} of the group {GROUP}", "choose another sandbox_container_gid"
    if gid in needs.own_uids:
        yield Problem(what, "a session's or the gateway's", "an id of its own", next_step)
    for taken in facts.ids:
        if taken.path in _GROUP_TABLES and taken.overlaps(gid, 1) and taken.name != GROUP:
            yield Problem(what, str(taken), "an id of nobody", next_step)
