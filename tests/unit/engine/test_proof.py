"""Since when a host is unproven, and what proves it: known also after a crash, a compaction, an undone run."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import Engine, RollbackWish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.ledger import fold, records_of
from ansible_collections.ably.sandbox.plugins.module_utils._engine.records import Proven
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import (
    Control,
    Owner,
    Resource,
    Reversibility,
    Wish,
)
from ansible_collections.ably.sandbox.tests.states import present
from ansible_collections.ably.sandbox.tests.unit.engine.memory_host import MemoryHost, MemoryStore

FILE, OTHER = Resource("file", "/etc/ours"), Resource("file", "/etc/other")
FIRST, SECOND = "2026-11-26T12:00:00Z", "2026-11-26T12:00:09Z"


class Stage:
    """A host, and the engine on it."""

    def __init__(self) -> None:
        self.host = MemoryHost({})
        self.store = MemoryStore(self.host.clock)
        self.engine = Engine(self.host, self.store)
        self.set_date(FIRST)

    def set_date(self, date: str) -> None:
        self.host.date = lambda: date  # type: ignore[method-assign]

    @property
    def unproven(self) -> str:
        return fold(self.store.read()).unproven

    def write(self, content: str, resource: Resource = FILE) -> bool:
        return self.engine.apply(control_of(content, resource)).changed

    def prove(self) -> bool:
        return self.engine.prove(self.store.read())


def control_of(content: str, resource: Resource = FILE) -> Control:
    return Control(Owner(1, resource.name), (Wish(resource, present(content=content)),))


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_the_first_change_since_the_last_session_counts(stage: Stage) -> None:
    stage.write("one")
    stage.set_date(SECOND)
    stage.write("two")
    assert stage.unproven == FIRST
    assert stage.prove()
    assert (stage.unproven, fold(stage.store.read()).proof) == ("", Proven(SECOND, ""))
    stage.write("three")
    assert stage.unproven == SECOND


def test_a_run_without_a_change_leaves_a_proven_host_proven(stage: Stage) -> None:
    stage.write("one")
    stage.prove()
    assert not stage.write("one")
    assert stage.unproven == ""


def test_the_shortest_ledger_knows_both(stage: Stage) -> None:
    stage.write("one")
    stage.prove()
    stage.write("two")
    ledger = fold(stage.store.read())
    assert ledger.unproven
    assert ledger.proof
    assert fold(records_of(ledger)) == ledger


def test_a_host_that_changed_meanwhile_is_not_proven(stage: Stage) -> None:
    stage.write("one")
    before = stage.store.read()
    stage.write("two")
    assert not stage.engine.prove(before)
    assert stage.unproven == FIRST


def test_drift_that_was_mended_meanwhile_is_a_change(stage: Stage) -> None:
    stage.write("one")
    before = stage.store.read()
    stage.host.states[FILE] = present(content="drift")
    assert stage.write("one")
    assert not stage.engine.prove(before)


def test_two_proofs_at_once_are_both_true(stage: Stage) -> None:
    stage.write("one")
    before = stage.store.read()
    assert stage.engine.prove(before)
    stage.set_date(SECOND)
    assert stage.engine.prove(before)


def test_nothing_is_proven_of_a_host_without_anything(stage: Stage) -> None:
    assert not stage.prove()


def test_what_others_changed_to_what_is_wished_now_is_a_change(stage: Stage) -> None:
    stage.write("one")
    stage.prove()
    stage.host.states[FILE] = present(content="two", mode=0o600)
    assert not stage.write("two")
    assert stage.unproven == FIRST


def test_a_rollback_of_one_control_is_a_change(stage: Stage) -> None:
    stage.write("one")
    stage.write("one", OTHER)
    stage.prove()
    stage.engine.roll_back(RollbackWish(control=OTHER.name))
    assert stage.unproven == FIRST


def test_a_run_that_was_taken_back_whole_leaves_a_proven_host_proven(stage: Stage) -> None:
    stage.write("one")
    stage.prove()
    stage.host.broken = FILE
    with pytest.raises(SandboxError, match="restored as they were"):
        stage.write("two")
    assert stage.unproven == ""


def test_a_run_that_failed_and_left_packages_is_a_change(stage: Stage) -> None:
    def packages(*names: str) -> Control:
        wishes = (Wish(Resource("package", name), present(installed=True)) for name in names)
        return Control(Owner(1, "packages"), tuple(wish_of(wish) for wish in wishes))

    def wish_of(wish: Wish) -> Wish:
        return Wish(wish.resource, wish.state, reversibility=Reversibility.BEST_EFFORT)

    stage.engine.apply(packages("docker.io"))
    stage.prove()
    stage.host.broken = Resource("package", "zz")
    with pytest.raises(SandboxError):
        stage.engine.apply(packages("docker.io", "crun", "zz"))
    assert Resource("package", "crun") in stage.host.states
    assert stage.unproven == FIRST


def test_a_rollback_leaves_alone_what_is_back_by_wish_and_can_not_be_hidden(stage: Stage) -> None:
    """The operator's variable went back to what the host had; somebody then changes it by hand."""
    stage.host.states[FILE] = present(content="theirs")
    stage.write("ours")
    stage.write("theirs")
    stage.engine.apply(Control(Owner(2, "above"), (Wish(OTHER, present(content="x")),)))
    stage.host.states[FILE] = present(content="ours")
    stage.engine.roll_back(RollbackWish(to_level=1))
    assert stage.host.states[FILE] == present(content="ours")
    assert fold(stage.store.read()).memory(FILE) is not None
