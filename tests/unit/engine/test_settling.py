"""Something of ours keeps a resource, and takes a moment to see that it is meant to be another now."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import Engine, RollbackWish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import (
    Control,
    Owner,
    Resource,
    Traits,
    Wish,
)
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import State
from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change
from ansible_collections.ably.sandbox.tests.states import present
from ansible_collections.ably.sandbox.tests.unit.engine.memory_host import MemoryHost, MemoryStore

TABLE = Resource("nft_table", "inet ours")
BEFORE, AFTER = present(ruleset="before"), present(ruleset="after")


class Kept(MemoryHost):
    """The keeper sets the table to what it was so many looks long after each change."""

    def __init__(self, looks: int) -> None:
        super().__init__({TABLE: BEFORE})
        self.looks, self.left, self.former = looks, 0, BEFORE

    def _set(self, change: Change) -> None:
        self.left, self.former = self.looks, change.before
        super()._set(change)

    def observe(self, resource: Resource) -> State:
        self.left -= 1
        return self.former if resource == TABLE and self.left >= 0 else super().observe(resource)


def start(looks: int, seconds: float) -> tuple[Kept, Engine]:
    host = Kept(looks)
    host.kinds = {TABLE.kind: Traits(settling_seconds=seconds)}
    return host, Engine(host, MemoryStore(host.clock))


def control() -> Control:
    return Control(Owner(1, "egress"), (Wish(TABLE, AFTER),), is_risky=True)


def test_it_is_waited_for_on_the_way_up_and_back() -> None:
    host, engine = start(looks=3, seconds=5.0)
    assert engine.apply(control()).changed
    assert engine.revert() is not None
    assert host.states[TABLE] == BEFORE
    engine.apply(control())
    engine.confirm(must_be_new=False)
    engine.roll_back(RollbackWish())
    assert host.states[TABLE] == BEFORE


@pytest.mark.parametrize(("looks", "seconds"), [(3, 0.0), (1000, 20.0)])
def test_what_does_not_come_in_time_is_an_error(looks: int, seconds: float) -> None:
    _unused, engine = start(looks, seconds)
    with pytest.raises(SandboxError, match="nft_table inet ours: ruleset is 'before', expected 'after'"):
        engine.apply(control())
