"""What on a host uses the items that the control `kernel` is about to close. Pure: facts in, problems out."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from .kernel_control import COMMAND, MODULE_RULES
from .kernel_items import ITEMS, MODULES, KernelFacts
from .preflight_needs import Problem


def find_problems_in_items(
    facts: KernelFacts, closed: Collection[str], left_out: Collection[str], confirmed: Collection[str]
) -> Iterator[Problem]:
    """`closed`: by us, before this run; `confirmed`: to be closed although they are used."""
    for name in (name for name in ITEMS if name not in left_out):
        if name in closed:
            yield from _find_other_commands(facts, name)
        elif name not in confirmed and facts.uses.get(name):
            yield Problem(
                f"kernel item {name}",
                "; ".join(facts.uses[name]),
                "nothing on this host that uses it",
                "name it in sandbox_kernel_left_out, or in sandbox_kernel_confirmed to close it all the same",
            )


def _find_other_commands(facts: KernelFacts, name: str) -> Iterator[Problem]:
    for module in MODULES[name].modules if name in MODULES else ():
        command = facts.commands.get(module, "no command")
        if command != COMMAND and facts.commands:
            what = f"modprobe's command for {module}"
            yield Problem(what, command, COMMAND, f"take it out of the file that is read before {MODULE_RULES}")
