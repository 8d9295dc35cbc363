"""Why docs/backup.md warns of a ledger that is older than its host, or of another one: what the engine makes of it."""

from __future__ import annotations

from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import Engine, RollbackWish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control, Owner, Resource, Wish
from ansible_collections.ably.sandbox.tests.states import present

from .memory_host import MemoryHost, MemoryStore

FILE = Resource("file", "/etc/x.conf")
FIRST, SECOND = Owner(1, "first"), Owner(2, "second")


def control(value: int, owner: Owner = FIRST, is_risky: bool = False) -> Control:
    return Control(owner, (Wish(FILE, present(value=value)),), is_risky=is_risky)


class Stand:
    """A host whose ledger can be put back to an earlier one."""

    def __init__(self, value: int | None = None) -> None:
        self.host = MemoryHost({} if value is None else {FILE: present(value=value)})
        self.store = MemoryStore(self.host.clock)
        self.engine = Engine(self.host, self.store)

    def roll_back(self) -> list[str]:
        return [text for outcome in self.engine.roll_back(RollbackWish()) for text in outcome.kept]

    @property
    def value(self) -> object:
        return self.host.observe(FILE).fact("value")


def test_what_came_later_stays_for_ever() -> None:
    stand = Stand()
    nothing = stand.store.text
    stand.engine.apply(control(2, SECOND))
    stand.store.text = nothing
    assert stand.roll_back() == []
    assert stand.value == 2


def test_what_was_written_anew_is_taken_for_somebody_s_and_stays() -> None:
    stand = Stand()
    stand.engine.apply(control(1))
    old = stand.store.text
    stand.engine.apply(control(2))
    stand.store.text = old
    assert stand.roll_back() == [f"{FILE}: changed by somebody since; left as it is, remembered for later"]
    assert stand.value == 2


def test_a_run_without_a_ledger_takes_ours_for_the_host_s_own() -> None:
    stand = Stand()
    stand.engine.apply(control(1))
    stand.store.text = ""
    stand.engine.apply(control(1))
    assert stand.roll_back() == []
    assert stand.value == 1


def test_and_remembers_it_in_place_of_what_was_there_before() -> None:
    stand = Stand(value=7)
    stand.engine.apply(control(1))
    stand.store.text = ""
    stand.engine.apply(control(2))
    stand.roll_back()
    assert stand.value == 1


def test_another_host_s_ledger_brings_that_host_s_state() -> None:
    theirs, ours = Stand(value=7), Stand()
    for stand in (theirs, ours):
        stand.engine.apply(control(1))
    ours.store.text = theirs.store.text
    assert ours.roll_back() == []
    assert ours.value == 7


def test_what_was_confirmed_since_is_taken_back_as_if_nobody_had() -> None:
    stand = Stand()
    stand.engine.apply(control(1, is_risky=True))
    old = stand.store.text
    stand.engine.confirm(must_be_new=False)
    stand.store.text = old
    assert stand.engine.revert() is not None
    assert stand.value is None
