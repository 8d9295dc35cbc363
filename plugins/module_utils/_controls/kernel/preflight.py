"""What on a host uses the items that the control `kernel` is about to close. Pure: facts in, problems out."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..preflight.facts import HostFacts
from ..preflight.needs import Needs
from ..problem import Problem
from .control import MODULE_RULES
from .items import ITEMS, KernelFacts, describe_gaps


def find_problems_in_items(
    facts: KernelFacts, closed: Collection[str], left_out: Collection[str], confirmed: Collection[str]
) -> Iterator[Problem]:
    """`closed`: by us, before this run; `confirmed`: to be closed although they are used."""
    for name in (name for name in ITEMS if name not in left_out):
        if facts.before_ours.get(name):
            yield Problem(
                f"kernel item {name}",
                f"{'; '.join(facts.before_ours[name])}, which counts and not our rule",
                f"no rule for it that is read before {MODULE_RULES}",
                "take it out, or name the item in sandbox_kernel_left_out",
            )
        elif name not in closed and name not in confirmed and facts.uses.get(name):
            yield Problem(
                f"kernel item {name}",
                "; ".join(facts.uses[name]),
                "nothing on this host that uses it",
                "name it in sandbox_kernel_left_out, or in sandbox_kernel_confirmed to close it all the same",
            )


def find_problems(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    left_out, confirmed = needs.names("sandbox_kernel_left_out"), needs.names("sandbox_kernel_confirmed")
    return find_problems_in_items(facts.kernel_items, facts.closed_items, left_out, confirmed)


def find_notes(facts: HostFacts, needs: Needs) -> Iterator[str]:
    if needs.level >= 1:
        for gap in describe_gaps(needs.names("sandbox_kernel_left_out"), facts.kernel_items):
            yield f"kernel item {gap}"
