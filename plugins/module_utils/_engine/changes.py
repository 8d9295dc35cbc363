"""Changes and plans: pure values made from wishes, observations and memories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Callable

from .errors import OwnershipError
from .ledger import Ledger, Memory
from .records import Wrote
from .resources import Activation, Control, Owner, Resource, Reversibility, Wish
from .rollback import Conflict, find_new_facts, plan_restore
from .states import State
from .steps import Change

# As `Host.arrange`.
Arrange = Callable[[Sequence[Change], Iterable[Activation]], tuple[Activation, ...]]


@dataclass(frozen=True)
class Plan:
    """Changes in order, the activations they need, and what was left alone because others changed it.

    `met`: what the ledger has to take for written by us although it needs no change. The host does not notice.
    """

    changes: tuple[Change, ...] = ()
    activations: tuple[Activation, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    met: tuple[Wrote, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes or self.activations)


@dataclass(frozen=True)
class Outcome:
    """What a run changed, or would change: one control's plan, and what the rollback had to leave.

    `trial`: the name under which the run waits to be confirmed; empty when nothing waits. `unseen`: what a plan alone
    has gone on without, and why. `unproven`: since when no session has been opened on the changed host.
    """

    owner: Owner
    plan: Plan
    kept: tuple[str, ...] = ()
    trial: str = ""
    unseen: tuple[str, ...] = ()
    unproven: str = ""

    @property
    def changed(self) -> bool:
        return bool(self.plan)


def plan(control: Control, observed: Mapping[Resource, State], ledger: Ledger, arrange: Arrange) -> Plan:
    """The way from `observed` to what `control` wishes. `observed` covers the wishes and the control's memories.

    What the control remembers but no longer wishes goes back to how it was. Activations that an
    earlier run left open are part of the plan.
    """
    refuse_foreign(control, ledger)
    wanted = [change for wish in control.wishes for change in change_for(wish, observed[wish.resource])]
    restored, conflicts = plan_restore(find_dropped(control, ledger), observed)
    changes = (*wanted, *restored)
    activations = arrange(changes, ledger.pending_of(control.owner))
    met = (note for w in control.wishes for note in _note_met(w, observed[w.resource], ledger.memory(w.resource)))
    return Plan(changes, activations, conflicts, tuple(met))


def find_dropped(control: Control, ledger: Ledger) -> list[Memory]:
    """What the control remembers and no longer wishes."""
    wished = {wish.resource for wish in control.wishes}
    return [memory for memory in ledger.memories_of(control.owner) if memory.resource not in wished]


def change_for(wish: Wish, there: State) -> tuple[Change, ...]:
    """None for a footprint, and none where the wish is met."""
    if wish.state is None or there.holds(wish.state):
        return ()
    return (Change(wish.resource, there, wish.state, wish.activates, wish.check, wish.reversibility),)


def _note_met(wish: Wish, there: State, memory: Memory | None) -> Iterator[Wrote]:
    """Somebody else has made it so after we had written something else: wished by us, it is ours from now on.

    It would be told as drift and kept on the way back for ever. What was so before we ever touched it stays theirs.
    """
    if memory is None or wish.state is None or wish.reversibility is Reversibility.NONE or not there.holds(wish.state):
        return
    wanted = wish.state.abridged()
    if memory.written and memory.written[-1].without_notes() == wanted.without_notes():
        return
    change = Change(wish.resource, there, wish.state)
    yield Wrote(wish.resource, wanted, wish.activates, find_new_facts(memory, change))


def refuse_foreign(control: Control, ledger: Ledger) -> None:
    """Raise OwnershipError when another control remembers one of the wished resources."""
    for wish in control.wishes:
        memory = ledger.memory(wish.resource)
        if memory is not None and memory.owner != control.owner:
            raise OwnershipError(
                f"{wish.resource}: wished by {control.owner}, but owned by {memory.owner}",
                "a resource belongs to one control; roll the other one back first",
            )
