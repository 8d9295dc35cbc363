"""What must hold for any host, any wishes, any order: the engine's promises as properties."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import Engine, RollbackWish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import OwnershipError, SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.ledger import fold
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import (
    Activation,
    Control,
    Owner,
    Resource,
    Reversibility,
    Wish,
)
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change
from ansible_collections.ably.sandbox.tests.states import present

from .memory_host import MemoryHost, MemoryStore, killed_at_every_step

NAMES = ("a", "b", "c", "d")
RESOURCES = [Resource("file", name) for name in NAMES]
RESTART = Activation("restart", "x.service")
OWNER = Owner(1, "one")
OTHER = Owner(2, "two")

states = st.one_of(
    st.just(ABSENT),
    st.builds(
        present,
        content=st.sampled_from(["1", "2", "3\udcff", "long" * 100]),
        mode=st.sampled_from([0o600, 0o644]),
    ),
)
# A wish may leave facts open; an observation never does.
desired = st.one_of(states, st.builds(present, content=st.sampled_from(["1", "2", "4" * 300])))
hosts = st.dictionaries(st.sampled_from(RESOURCES), states.filter(lambda state: not state.is_absent))
activations = st.sampled_from([(), (RESTART,), (Activation("daemon-reload"),), (Activation("reload", "y.service"),)])


@st.composite
def controls(draw: st.DrawFn, owner: Owner = OWNER, resources: tuple[Resource, ...] = tuple(RESOURCES)) -> Control:
    chosen = draw(st.lists(st.sampled_from(resources), unique=True, max_size=len(resources)))
    wishes = tuple(Wish(r, draw(desired), draw(activations)) for r in chosen)
    return Control(owner, wishes)


def start(states_: dict[Resource, State]) -> tuple[MemoryHost, MemoryStore, Engine]:
    host = MemoryHost(states_)
    store = MemoryStore(host.clock)
    return host, store, Engine(host, store)


@given(hosts, controls())
def test_applying_twice_plans_nothing_and_writes_nothing_the_second_time(
    before: dict[Resource, State], control: Control
) -> None:
    host, store, engine = start(before)
    engine.apply(control)
    writes, there, restarts = store.writes, dict(host.states), dict(host.restarts)
    assert not engine.apply(control).changed
    assert (store.writes, host.states, host.restarts) == (writes, there, restarts)


@given(hosts, controls())
def test_check_mode_tells_the_same_plan_and_touches_nothing(before: dict[Resource, State], control: Control) -> None:
    host, store, engine = start(before)
    told = engine.apply(control, check_only=True).plan
    assert (host.states, store.text, host.clock.steps) == (before, "", 0)
    assert engine.apply(control).plan == told


@given(hosts, st.lists(controls(), min_size=1, max_size=4))
def test_any_sequence_of_wishes_and_one_rollback_give_the_first_state_back(
    before: dict[Resource, State], sequence: list[Control]
) -> None:
    host, store, engine = start(before)
    for control in sequence:
        engine.apply(control)
        assert all(wish.state is None or host.observe(wish.resource).holds(wish.state) for wish in control.wishes)
    engine.roll_back(RollbackWish())
    assert host.states == before
    assert store.text == ""
    assert engine.roll_back(RollbackWish()) == ()


@given(hosts, controls(), st.sampled_from(RESOURCES), st.sampled_from([ABSENT, present(content="theirs", mode=0o640)]))
def test_what_others_changed_is_reported_and_kept_and_taken_back_only_by_force(
    before: dict[Resource, State], control: Control, theirs: Resource, state: State
) -> None:
    host, store, engine = start(before)
    engine.apply(control)
    touched = theirs in fold(store.read()).memories
    ours = host.observe(theirs)
    if state.is_absent:
        host.states.pop(theirs, None)
    else:
        host.states[theirs] = state
    disputed = touched and state not in (ours, before.get(theirs, ABSENT))
    outcomes = engine.roll_back(RollbackWish())
    kept = [text for outcome in outcomes for text in outcome.kept]
    assert bool(kept) == disputed
    expected = {**before, theirs: state} if disputed or not touched else before
    assert host.states == {r: s for r, s in expected.items() if not s.is_absent}
    if disputed:
        engine.roll_back(RollbackWish(force=True))
        assert host.states == before
    assert store.text == ""


@settings(max_examples=40)
@given(hosts, st.lists(controls(), min_size=1, max_size=2))
def test_killed_at_every_step_a_rerun_converges_and_a_rollback_restores(
    before: dict[Resource, State], sequence: list[Control]
) -> None:
    def act(host: MemoryHost, store: MemoryStore) -> None:
        for control in sequence:
            Engine(host, store).apply(control)

    for host, store in killed_at_every_step(lambda: start(before)[:2], act):
        Engine(host, store).apply(sequence[-1])
        assert not Engine(host, store).apply(sequence[-1]).changed
        Engine(host, store).roll_back(RollbackWish())
        assert (host.states, store.text) == (before, "")


@settings(max_examples=40)
@given(hosts, controls())
def test_a_rollback_killed_at_every_step_is_finished_by_the_next(
    before: dict[Resource, State], control: Control
) -> None:
    def prepare() -> tuple[MemoryHost, MemoryStore]:
        host, store, engine = start(before)
        engine.apply(control)
        return host, store

    for host, store in killed_at_every_step(prepare, lambda *there: Engine(*there).roll_back(RollbackWish())):
        Engine(host, store).roll_back(RollbackWish())
        assert (host.states, store.text) == (before, "")


def test_a_pending_restart_is_carried_out_exactly_once() -> None:
    wish = Wish(RESOURCES[0], present(content="new"), (RESTART,))
    control = Control(OWNER, (wish,))
    kills = 0
    for host, store in killed_at_every_step(lambda: start({})[:2], lambda *there: Engine(*there).apply(control)):
        kills += 1
        Engine(host, store).apply(control)
        assert host.restarts == {"x.service": 1}, f"killed at step {kills}"
    assert kills >= 8


@given(hosts, controls(), st.sampled_from(RESOURCES))
def test_a_failed_run_leaves_the_host_as_it_was(
    before: dict[Resource, State], control: Control, broken: Resource
) -> None:
    host, store, engine = start(before)
    host.broken = broken
    planned = engine.apply(control, check_only=True).plan
    if not any(change.resource == broken for change in planned.changes):
        return
    with pytest.raises(SandboxError, match="restored as they were"):
        engine.apply(control)
    assert host.states == before
    assert engine.roll_back(RollbackWish()) == ()
    assert store.text == ""


def test_a_sick_service_undoes_an_update_and_keeps_the_former_one() -> None:
    host, _unused, engine = start({})
    engine.apply(Control(OWNER, (Wish(RESOURCES[0], present(content="1")),)))
    host.sick = True
    with pytest.raises(SandboxError, match="not healthy"):
        engine.apply(Control(OWNER, (Wish(RESOURCES[0], present(content="2")),), health=(("ask", "it"),)))
    assert host.states[RESOURCES[0]].fact("content") == "1"
    host.sick = False
    engine.roll_back(RollbackWish())
    assert host.states == {}


def test_a_refused_rehearsal_changes_nothing() -> None:
    host, store, engine = start({})
    host.refused = RESOURCES[1]
    wishes = tuple(Wish(resource, present(content="1")) for resource in RESOURCES)
    with pytest.raises(SandboxError, match="file b: refused"):
        engine.apply(Control(OWNER, wishes))
    assert (host.states, store.text) == ({}, "")


def test_a_second_owner_is_refused() -> None:
    _unused, _unused, engine = start({})
    engine.apply(Control(OWNER, (Wish(RESOURCES[0], present(content="1")),)))
    with pytest.raises(OwnershipError, match=r"wished by two \(phase 2\), but owned by one \(phase 1\)"):
        engine.apply(Control(OTHER, (Wish(RESOURCES[0], present(content="2")),)))


@given(hosts, controls(resources=tuple(RESOURCES[:2])), controls(owner=OTHER, resources=tuple(RESOURCES[2:])))
def test_phases_go_back_one_by_one(before: dict[Resource, State], first: Control, second: Control) -> None:
    host, store, engine = start(before)
    engine.apply(first)
    between = dict(host.states)
    engine.apply(second)
    engine.roll_back(RollbackWish(to_level=1))
    assert host.states == between
    assert not engine.apply(first).changed
    engine.roll_back(RollbackWish(to_level=0))
    assert (host.states, store.text) == (before, "")


def test_a_footprint_is_remembered_and_put_back_but_never_planned() -> None:
    counter = Resource("shared_file", "counter")
    host, _unused, engine = start({counter: present(content="0")})
    engine.apply(Control(OWNER, (Wish(counter, None), Wish(RESOURCES[0], present(content="1")))))
    host.states[counter] = present(content="7")
    assert not engine.apply(Control(OWNER, (Wish(counter, None), Wish(RESOURCES[0], present(content="1"))))).changed
    engine.roll_back(RollbackWish())
    assert host.states == {counter: present(content="0")}


def test_what_belongs_to_packages_goes_back_only_with_them() -> None:
    host, store, engine = start({})
    wish = Wish(Resource("package", "p"), present(installed=True), reversibility=Reversibility.BEST_EFFORT)
    engine.apply(Control(OWNER, (wish,)))
    assert engine.roll_back(RollbackWish()) == ()
    assert wish.resource in host.states
    engine.roll_back(RollbackWish(lasting=True))
    assert (host.states, store.text) == ({}, "")


def test_what_others_put_into_ours_stays_and_is_said_once() -> None:
    host, store, engine = start({})
    engine.apply(Control(OWNER, (Wish(RESOURCES[0], present(type="folder")),)))
    host.states[RESOURCES[0]] = present(type="folder", foreign=True)
    (outcome,) = engine.roll_back(RollbackWish())
    assert outcome.kept == ("file a: others are in it",)
    assert (engine.roll_back(RollbackWish()), store.text) == ((), "")


def test_a_repair_is_made_and_never_taken_back() -> None:
    host, store, engine = start({RESOURCES[0]: present(content="broken")})
    wish = Wish(RESOURCES[0], present(content="whole"), reversibility=Reversibility.NONE)
    assert engine.apply(Control(OWNER, (wish,))).changed
    assert not engine.apply(Control(OWNER, (wish,))).changed
    engine.roll_back(RollbackWish())
    assert (host.states[RESOURCES[0]].fact("content"), store.text) == ("whole", "")


class PurgingHost(MemoryHost):
    """Removing a package takes an empty folder of somebody else's along."""

    def swap(self, changes: Sequence[Change]) -> None:
        super().swap(changes)
        if any(change.resource.kind == "package" and change.after.is_absent for change in changes):
            self.states.pop(RESOURCES[0], None)


def test_a_footprint_that_the_way_back_itself_has_moved_is_put_back_too() -> None:
    folder = present(type="folder")
    host = PurgingHost({RESOURCES[0]: folder})
    store = MemoryStore(host.clock)
    engine = Engine(host, store)
    package = Wish(Resource("package", "p"), present(installed=True), reversibility=Reversibility.BEST_EFFORT)
    engine.apply(Control(OWNER, (Wish(RESOURCES[0], None), package)))
    engine.roll_back(RollbackWish(lasting=True))
    assert (host.states, store.text) == ({RESOURCES[0]: folder}, "")
