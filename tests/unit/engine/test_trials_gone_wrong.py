"""Trials with which something goes wrong: failing reverts, killed runs that then fail, half states."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import Engine, RollbackWish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import RefusedError, SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control, Wish
from ansible_collections.ably.sandbox.tests.states import present

from .memory_host import Clock, Killed, MemoryHost, MemoryStore
from .test_engine_properties import OTHER, OWNER, RESOURCES, start
from .test_trials import ledger_of, risky, wish


def test_a_revert_that_fails_again_and_again_goes_on_trying() -> None:
    host, store, engine = start({})
    engine.apply(Control(OWNER, (wish(0, "1"),)))
    engine.apply(risky(Control(OWNER, (wish(0, "2"),))))
    host.broken = RESOURCES[0]
    for _unused in range(3):
        with pytest.raises(SandboxError, match="does not budge"):
            engine.revert()
        assert ledger_of(store).trial is not None
    host.broken = None
    engine.revert()
    assert host.states[RESOURCES[0]].fact("content") == "1"
    engine.roll_back(RollbackWish())
    assert (host.states, store.text) == ({}, "")


def kill(host: MemoryHost, store: MemoryStore, control: Control, at: int) -> None:
    host.clock = store.clock = Clock(at)
    with pytest.raises(Killed):
        Engine(host, store).apply(control)
    host.clock = store.clock = Clock()


def test_a_first_run_that_is_killed_and_then_fails_leaves_no_trial() -> None:
    host, store, engine = start({})
    control = risky(Control(OWNER, (wish(0, "1"), wish(1, "1"))))
    kill(host, store, control, at=5)
    host.broken = RESOURCES[1]
    with pytest.raises(SandboxError, match="restored as they were"):
        engine.apply(control)
    assert (host.states, store.text, engine.revert()) == ({}, "", None)


def test_a_change_that_is_killed_and_then_fails_is_not_whole_and_can_be_reverted() -> None:
    host, store, engine = start({})
    engine.apply(Control(OWNER, (wish(0, "1"), wish(1, "1"))))
    change = risky(Control(OWNER, (wish(0, "2"), wish(1, "2"))))
    kill(host, store, change, at=6)
    assert host.states[RESOURCES[0]].fact("content") == "2"
    host.broken = RESOURCES[1]
    with pytest.raises(SandboxError, match="does not budge"):
        engine.apply(change)
    host.connect_anew()
    with pytest.raises(RefusedError, match="was cut off, and is not whole"):
        engine.confirm()
    host.broken = None
    engine.revert()
    assert {state.fact("content") for state in host.states.values()} == {"1"}
    assert ledger_of(store).applied == (OWNER,)


def test_what_was_half_rolled_back_is_so_again_and_not_called_applied() -> None:
    host, store, engine = start({})
    control = Control(OWNER, (wish(0, "1"), wish(1, "1")))
    engine.apply(control)
    host.clock = store.clock = Clock(5)
    with pytest.raises(Killed):
        Engine(host, store).roll_back(RollbackWish())
    host.clock = store.clock = Clock()
    half = dict(host.states)
    assert len(half) == 1
    engine.apply(risky(control))
    engine.revert()
    assert host.states == half
    assert ledger_of(store).applying == (OWNER,)
    engine.roll_back(RollbackWish())
    assert (host.states, store.text) == ({}, "")


def test_a_drifted_resource_that_comes_back_is_still_drifted() -> None:
    host, _unused, engine = start({})
    control = Control(OWNER, (wish(0, "1"),))
    engine.apply(control)
    theirs = present(content="weak", mode=0o600)
    host.states[RESOURCES[0]] = theirs
    engine.apply(risky(control))
    engine.revert()
    assert host.states[RESOURCES[0]] == theirs
    (outcome,) = engine.roll_back(RollbackWish())
    assert (host.states[RESOURCES[0]], bool(outcome.kept)) == (theirs, True)


def test_a_run_that_is_whole_is_kept_when_it_is_settled() -> None:
    host, store, engine = start({})
    engine.apply(Control(OWNER, (Wish(RESOURCES[0], present(content="1")),), is_risky=True))
    host.connect_anew()
    assert engine.settle() == OWNER
    assert host.states[RESOURCES[0]].fact("content") == "1"
    assert (ledger_of(store).trial, engine.settle()) == (None, None)


def test_a_doubt_is_taken_back_when_it_is_settled() -> None:
    host, store, engine = start({})
    host.came = 0
    engine.apply(Control(OWNER, (Wish(RESOURCES[0], present(content="1")),), is_risky=True))
    assert engine.settle() == OWNER
    assert (host.states, store.text) == ({}, "")


def test_what_is_needed_as_it_is_stops_a_rollback_before_anything_goes_back() -> None:
    host, _unused, engine = start({})
    engine.apply(Control(OWNER, (Wish(RESOURCES[0], present(content="1")),)))
    engine.apply(Control(OTHER, (Wish(RESOURCES[1], present(content="2")),)))
    host.needed, there = RESOURCES[0], dict(host.states)
    with pytest.raises(SandboxError, match="file a: is needed"):
        engine.roll_back(RollbackWish())
    assert host.states == there
    engine.roll_back(RollbackWish(force=True))
    assert host.states == {}
