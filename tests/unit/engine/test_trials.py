"""Commit-confirm: what nobody confirms goes back by itself, what is confirmed stays, nothing is built on a trial."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import Engine, RollbackWish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import LedgerError, RefusedError, SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.ledger import Ledger, fold
from ansible_collections.ably.sandbox.plugins.module_utils._engine.moments import Moment
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control, Resource, Wish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import State
from ansible_collections.ably.sandbox.tests.states import present

from .memory_host import Clock, Killed, MemoryHost, MemoryStore, killed_at_every_step
from .test_engine_properties import OTHER, OWNER, RESOURCES, RESTART, controls, hosts, start

Before = dict[Resource, State]


def risky(control: Control) -> Control:
    return replace(control, is_risky=True)


def ledger_of(store: MemoryStore) -> Ledger:
    return fold(store.read())


def confirm(host: MemoryHost, engine: Engine) -> None:
    host.connect_anew()
    engine.confirm()
    assert host.armed == 0


@given(hosts, controls())
def test_the_first_run_of_a_control_goes_back_wholly(before: Before, control: Control) -> None:
    host, store, engine = start(before)
    outcome = engine.apply(risky(control))
    assert (host.armed, bool(outcome.trial)) == ((2, True) if outcome.changed else (0, False))
    engine.revert()
    assert host.states == before
    engine.roll_back(RollbackWish())
    assert store.text == ""


@given(hosts, controls(), controls())
def test_a_change_goes_back_to_the_control_as_it_was(before: Before, first: Control, second: Control) -> None:
    host, store, engine = start(before)
    engine.apply(first)
    there, known = dict(host.states), ledger_of(store)
    engine.apply(risky(second))
    engine.revert()
    assert host.states == there
    after = ledger_of(store)
    assert (after.applied, after.trial, set(after.memories)) == (known.applied, None, set(known.memories))
    assert not engine.apply(first).changed
    engine.roll_back(RollbackWish())
    assert (host.states, store.text) == (before, "")


@given(hosts, controls(), controls())
def test_what_is_confirmed_stays_and_can_be_rolled_back(before: Before, first: Control, second: Control) -> None:
    host, store, engine = start(before)
    engine.apply(first)
    engine.apply(risky(second))
    there = dict(host.states)
    confirm(host, engine)
    assert engine.revert() is None
    assert host.states == there
    assert set(ledger_of(store).memories) <= {wish.resource for wish in second.wishes}
    assert not engine.apply(risky(second)).changed
    engine.roll_back(RollbackWish())
    assert (host.states, store.text) == (before, "")


@given(hosts, controls(), controls(), controls())
def test_a_trial_goes_on_in_the_next_run_of_its_control(
    before: Before, first: Control, second: Control, third: Control
) -> None:
    host, store, engine = start(before)
    engine.apply(first)
    there = dict(host.states)
    engine.apply(risky(second))
    engine.apply(risky(third))
    engine.revert()
    assert host.states == there
    engine.roll_back(RollbackWish())
    assert (host.states, store.text) == (before, "")


@given(hosts, controls(), controls(), st.sampled_from(RESOURCES))
def test_what_others_changed_during_a_trial_is_kept(
    before: Before, first: Control, second: Control, theirs: Resource
) -> None:
    host, _unused, engine = start(before)
    engine.apply(first)
    there = host.observe(theirs)
    engine.apply(risky(second))
    foreign = present(content="theirs", mode=0o640)
    ours = host.observe(theirs)
    host.states[theirs] = foreign
    outcome = engine.revert()
    if ours == there:
        assert host.observe(theirs) == foreign
    else:
        assert outcome is not None
        assert outcome.kept
        assert host.observe(theirs) == foreign


@settings(max_examples=40)
@given(hosts, controls(), controls())
def test_a_run_killed_at_any_step_goes_back_by_itself(before: Before, first: Control, second: Control) -> None:
    def prepare() -> tuple[MemoryHost, MemoryStore]:
        host, store, engine = start(before)
        engine.apply(first)
        return host, store

    there = prepare()[0].states
    for host, store in killed_at_every_step(prepare, lambda *here: Engine(*here).apply(risky(second))):
        Engine(host, store).revert()
        assert host.states == there
        Engine(host, store).roll_back(RollbackWish())
        assert (host.states, store.text) == (before, "")


@settings(max_examples=40)
@given(hosts, controls(), controls())
def test_a_revert_killed_at_any_step_is_finished_by_the_next(before: Before, first: Control, second: Control) -> None:
    there: dict[Resource, State] = {}

    def prepare() -> tuple[MemoryHost, MemoryStore]:
        host, store, engine = start(before)
        engine.apply(first)
        there.clear()
        there.update(host.states)
        engine.apply(risky(second))
        return host, store

    for host, store in killed_at_every_step(prepare, lambda *here: Engine(*here).revert()):
        Engine(host, store).revert()
        assert host.states == there
        Engine(host, store).roll_back(RollbackWish())
        assert (host.states, store.text) == (before, "")


@given(hosts, controls(), controls(), st.sampled_from(RESOURCES))
def test_a_failed_run_on_trial_leaves_the_host_and_no_trial(
    before: Before, first: Control, second: Control, broken: Resource
) -> None:
    host, store, engine = start(before)
    engine.apply(first)
    there = dict(host.states)
    host.broken = broken
    if any(change.resource == broken for change in engine.apply(second, check_only=True).plan.changes):
        with pytest.raises(SandboxError, match="restored as they were"):
            engine.apply(risky(second))
        assert (host.states, ledger_of(store).trial) == (there, None)


def wish(number: int, content: str, *, restarts: bool = False) -> Wish:
    return Wish(RESOURCES[number], present(content=content), (RESTART,) if restarts else ())


def test_a_host_that_cannot_be_armed_is_not_changed() -> None:
    host, store, engine = start({})

    def refuse() -> None:
        raise SandboxError("no such timer")

    host.arm = refuse  # type: ignore[method-assign]
    with pytest.raises(SandboxError, match="no such timer; restored as they were: nothing had been changed"):
        engine.apply(risky(Control(OWNER, (wish(0, "1"),))))
    assert (host.states, store.text) == ({}, "")


def test_the_service_is_restarted_on_the_way_back_as_well() -> None:
    host, _unused, engine = start({})
    engine.apply(Control(OWNER, (wish(0, "1", restarts=True),)))
    engine.apply(risky(Control(OWNER, (wish(0, "2", restarts=True),))))
    engine.revert()
    assert host.restarts == {"x.service": 3}


def test_a_confirmation_over_an_older_connection_is_refused() -> None:
    host, store, engine = start({})
    trial = engine.apply(risky(Control(OWNER, (wish(0, "1"),)))).trial
    with pytest.raises(RefusedError, match="this connection is older than its run; open a new one"):
        engine.confirm(trial)
    assert ledger_of(store).trial is not None
    host.connect_anew()
    assert engine.confirm(trial) == OWNER


def test_whatever_is_of_another_boot_is_newer() -> None:
    assert Moment("b", 1).is_after(Moment("a", 9))
    assert not Moment("a", 9).is_after(Moment("a", 9))
    assert Moment.parse(str(Moment("a:b", 9))) == Moment("a:b", 9)
    with pytest.raises(LedgerError, match="'nine' is no moment"):
        Moment.parse("nine")


def test_a_connection_that_cannot_be_told_apart_is_no_obstacle() -> None:
    host, _unused, engine = start({})
    host.came = None
    engine.apply(risky(Control(OWNER, (wish(0, "1"),))))
    assert engine.confirm() == OWNER


def test_a_confirmation_that_comes_too_late_says_so() -> None:
    host, _unused, engine = start({})
    trial = engine.apply(risky(Control(OWNER, (wish(0, "1"),)))).trial
    engine.revert()
    host.connect_anew()
    with pytest.raises(RefusedError, match="is over: it was taken back"):
        engine.confirm(trial)
    assert engine.confirm() is None


def test_a_run_that_was_cut_off_is_not_confirmed() -> None:
    host, store, engine = start({})
    host.clock = store.clock = Clock(kill_at=4)
    with pytest.raises(Killed):
        engine.apply(risky(Control(OWNER, (wish(0, "1"), wish(1, "1")))))
    host.clock = store.clock = Clock()
    host.connect_anew()
    with pytest.raises(RefusedError, match="was cut off, and is not whole; run the playbook again"):
        Engine(host, store).confirm()


def test_nothing_is_built_upon_a_trial() -> None:
    host, _unused, engine = start({})
    below = Control(OWNER, (wish(0, "1"),))
    engine.apply(below)
    engine.apply(risky(Control(OTHER, (wish(1, "1"),))))
    above = Control(replace(OTHER, control="three"), (wish(2, "1"),))
    with pytest.raises(RefusedError, match=r"three \(phase 2\): two \(phase 2\) is still on trial; run `ably-sandbox"):
        engine.apply(above)
    assert not engine.apply(below).changed
    assert engine.apply(Control(OWNER, (wish(0, "2"),))).changed
    with pytest.raises(RefusedError, match="still on trial"):
        engine.apply(risky(Control(OWNER, (wish(0, "3"),))))
    confirm(host, engine)
    assert engine.apply(above).changed


def test_a_rollback_ends_a_trial() -> None:
    host, store, engine = start({})
    engine.apply(risky(Control(OWNER, (wish(0, "1"),))))
    engine.roll_back(RollbackWish())
    assert (host.states, store.text, engine.revert()) == ({}, "", None)
