"""After a run that was cut off: what only looks finished comes anew, and what is not ours is left alone."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.drift import find_drift
from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import Engine, RollbackWish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import RefusedError, SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.ledger import fold
from ansible_collections.ably.sandbox.plugins.module_utils._engine.records import Applying
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control, Owner, Resource, Wish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import State
from ansible_collections.ably.sandbox.tests.states import present

from .memory_host import MemoryHost, MemoryStore, killed_at_every_step

OWNER = Owner(1, "one")
RESOURCE = Resource("file", "a")
OURS = present(content="ours", mode=0o600)
THEIRS = present(content="theirs", mode=0o600)
CONTROL = Control(OWNER, (Wish(RESOURCE, OURS),))


def cut_off(before: dict[Resource, State] | None = None) -> tuple[MemoryHost, MemoryStore]:
    """A host on which the control was applied, and its next run cut off after its last change."""
    host = MemoryHost({RESOURCE: THEIRS} if before is None else before)
    store = MemoryStore(host.clock)
    Engine(host, store).apply(CONTROL)
    store.append([Applying(OWNER)])
    host.damaged = RESOURCE
    return host, store


@pytest.fixture
def host_and_store() -> tuple[MemoryHost, MemoryStore]:
    return cut_off()


@pytest.fixture
def host(host_and_store: tuple[MemoryHost, MemoryStore]) -> MemoryHost:
    return host_and_store[0]


@pytest.fixture
def engine(host_and_store: tuple[MemoryHost, MemoryStore]) -> Engine:
    return Engine(*host_and_store)


def test_damaged_it_comes_anew_and_still_goes_back(host: MemoryHost, engine: Engine) -> None:
    assert [change.resource for change in engine.apply(CONTROL).plan.changes] == [RESOURCE]
    assert host.damaged is None
    assert engine.apply(CONTROL).plan.changes == ()
    engine.roll_back(RollbackWish())
    assert host.states == {RESOURCE: THEIRS}


def test_check_mode_tells_it_and_leaves_it(host: MemoryHost, engine: Engine) -> None:
    assert [change.resource for change in engine.apply(CONTROL, check_only=True).plan.changes] == [RESOURCE]
    assert host.damaged == RESOURCE


def test_what_was_there_before_the_first_run_is_examined_too() -> None:
    host = MemoryHost({RESOURCE: OURS})
    store = MemoryStore(host.clock)
    store.append([Applying(OWNER)])
    host.damaged = RESOURCE
    with pytest.raises(RefusedError, match="did not come from here"):
        Engine(host, store).apply(CONTROL)
    assert host.states == {RESOURCE: OURS}


@pytest.mark.parametrize("there", [THEIRS, present(content="of somebody else", mode=0o600)])
def test_what_is_not_ours_is_refused(host: MemoryHost, engine: Engine, there: State) -> None:
    host.states[RESOURCE] = there
    with pytest.raises(RefusedError, match="file a: unreadable; it did not come from here"):
        engine.apply(CONTROL)
    assert host.states == {RESOURCE: there}


def test_what_has_to_stay_ends_the_run_and_stays_ours() -> None:
    host, store = cut_off({})
    host.states[RESOURCE] = present(content="ours", mode=0o600, foreign=True)
    for _unused in range(3):
        with pytest.raises(SandboxError, match="file a: unreadable; file a: others are in it"):
            Engine(host, store).apply(CONTROL)
    host.states[RESOURCE] = OURS
    Engine(host, store).apply(CONTROL)
    Engine(host, store).roll_back(RollbackWish())
    assert host.states == {}


def test_the_way_back_does_not_ask(host: MemoryHost, engine: Engine) -> None:
    engine.roll_back(RollbackWish())
    assert host.states == {RESOURCE: THEIRS}


def test_what_is_no_longer_wished_is_forgotten_with_its_damage() -> None:
    other = Resource("file", "b")
    host, store = cut_off()
    Engine(host, store).apply(Control(OWNER, (Wish(other, OURS),)))
    assert host.states == {RESOURCE: THEIRS, other: OURS}
    assert find_drift(fold(store.read()), host.states) == ()
    assert set(fold(store.read()).memories) == {other}


def test_killed_at_every_step_of_it_it_comes_anew_and_goes_back() -> None:
    for host, store in killed_at_every_step(cut_off, lambda *there: Engine(*there).apply(CONTROL)):
        Engine(host, store).apply(CONTROL)
        assert host.damaged is None
        Engine(host, store).roll_back(RollbackWish())
        assert (host.states, store.text) == ({RESOURCE: THEIRS}, "")
