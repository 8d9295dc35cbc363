"""A wish that somebody else has met, of a resource that we know: from then on it counts as written by us."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ably.sandbox.plugins.module_utils._engine.drift import find_drift
from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import Engine, RollbackWish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.records import (
    parse_lines,
    render_header,
    render_line,
)
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import (
    Control,
    Resource,
    Reversibility,
    Wish,
)
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.tests.states import present

from .memory_host import Clock, Killed, MemoryHost, MemoryStore, killed_at_every_step
from .test_engine_properties import OTHER, OWNER, RESOURCES, controls, hosts, start, states
from .test_trials import confirm, ledger_of, risky, wish

Edits = dict[Resource, State]
BEFORE = present(content="before", mode=0o600)
edits = st.dictionaries(st.sampled_from(RESOURCES), states, max_size=3)


def edit(host: MemoryHost, resource: Resource, state: State) -> None:
    """As an administrator does it: past the ledger."""
    host.states.pop(resource, None)
    if not state.is_absent:
        host.states[resource] = state


def content(text: str) -> Control:
    return Control(OWNER, (wish(0, text),))


def drift_of(host: MemoryHost, store: MemoryStore, control: Control) -> list[str]:
    wished = {one.resource for one in control.wishes}
    ledger = ledger_of(store)
    observed = {resource: host.observe(resource) for resource in ledger.memories}
    return [str(drift) for drift in find_drift(ledger, observed) if drift.resource in wished]


@pytest.fixture
def edited() -> tuple[MemoryHost, MemoryStore, Engine]:
    """We wrote 1, and somebody made 2 of it."""
    host, store, engine = start({RESOURCES[0]: BEFORE})
    engine.apply(content("1"))
    edit(host, RESOURCES[0], present(content="2", mode=0o600))
    return host, store, engine


def test_it_is_ok_and_no_drift_and_goes_back(edited: tuple[MemoryHost, MemoryStore, Engine]) -> None:
    host, store, engine = edited
    assert not engine.apply(content("2")).changed
    assert drift_of(host, store, content("2")) == []
    assert engine.roll_back(RollbackWish())[0].kept == ()
    assert (host.states, store.text) == ({RESOURCES[0]: BEFORE}, "")


def test_it_is_noted_once(edited: tuple[MemoryHost, MemoryStore, Engine]) -> None:
    _unused, store, engine = edited
    written = store.writes
    engine.apply(content("2"))
    engine.apply(content("2"))
    assert store.writes == written + 1


def test_check_mode_notes_nothing(edited: tuple[MemoryHost, MemoryStore, Engine]) -> None:
    _unused, store, engine = edited
    text = store.text
    engine.apply(content("2"), check_only=True)
    assert store.text == text


def test_without_a_memory_it_stays_theirs() -> None:
    host, store, engine = start({RESOURCES[0]: BEFORE})
    engine.apply(content("before"))
    assert ledger_of(store).memories == {}
    engine.roll_back(RollbackWish())
    assert host.states == {RESOURCES[0]: BEFORE}


def test_what_was_removed_is_noted_as_removed(edited: tuple[MemoryHost, MemoryStore, Engine]) -> None:
    host, store, engine = edited
    edit(host, RESOURCES[0], ABSENT)
    gone = Control(OWNER, (Wish(RESOURCES[0], ABSENT),))
    assert not engine.apply(gone).changed
    assert drift_of(host, store, gone) == []
    engine.roll_back(RollbackWish())
    assert (host.states, store.text) == ({RESOURCES[0]: BEFORE}, "")


def test_another_note_alone_is_not_worth_a_record() -> None:
    _unused, store, engine = start({})
    for brings in ("a", "b"):
        engine.apply(Control(OWNER, (Wish(RESOURCES[0], present(content="1", _archive=brings)),)))
    assert ledger_of(store).memories[RESOURCES[0]].written == (present(content="1", _archive="a"),)


def test_a_repair_is_not_noted(edited: tuple[MemoryHost, MemoryStore, Engine]) -> None:
    _unused, store, engine = edited
    text = store.text
    engine.apply(Control(OWNER, (Wish(RESOURCES[0], present(content="2"), reversibility=Reversibility.NONE),)))
    assert store.text == text


def test_two_kinds_that_name_one_thing() -> None:
    """The image of level 1 comes anew where level 2 has carried it to: its own wish is met by then."""
    image, carried = Resource("docker_image", "s:1"), Resource("remapped_image", "s:1")
    host, store, engine = start({})
    both = [(OWNER, image), (OTHER, carried)]
    for owner, resource in both:
        engine.apply(Control(owner, (Wish(resource, present(id="1")),)))
    engine.apply(Control(OWNER, (Wish(image, present(id="2")),)))
    host.states[carried] = host.states[image]
    engine.apply(Control(OTHER, (Wish(carried, present(id="2")),)))
    assert drift_of(host, store, Control(OTHER, (Wish(carried, None),))) == []
    engine.roll_back(RollbackWish())
    assert (host.states, store.text) == ({}, "")


def test_a_run_that_fails_claims_nothing(edited: tuple[MemoryHost, MemoryStore, Engine]) -> None:
    host, _unused, engine = edited
    host.broken = RESOURCES[1]
    with pytest.raises(SandboxError, match="restored as they were: nothing"):
        engine.apply(Control(OWNER, (wish(0, "2"), wish(1, "1"))))
    (outcome,) = engine.roll_back(RollbackWish())
    assert (host.states[RESOURCES[0]].fact("content"), len(outcome.kept)) == ("2", 1)


def test_a_run_that_fails_after_a_killed_one_leaves_theirs() -> None:
    host, store, engine = start({})
    both = Control(OWNER, (wish(0, "1"), wish(1, "1")))
    host.clock = store.clock = Clock(5)
    with pytest.raises(Killed):
        engine.apply(both)
    host.clock = store.clock = Clock()
    theirs = present(content="2", mode=0o600)
    assert RESOURCES[0] in host.states
    edit(host, RESOURCES[0], theirs)
    host.broken = RESOURCES[1]
    with pytest.raises(SandboxError, match="does not budge"):
        engine.apply(Control(OWNER, (wish(0, "2"), wish(1, "1"))))
    assert host.states == {RESOURCES[0]: theirs}


def test_on_trial_it_is_noted_once_confirmed(edited: tuple[MemoryHost, MemoryStore, Engine]) -> None:
    host, store, engine = edited
    control = risky(Control(OWNER, (wish(0, "2"), wish(1, "1"))))
    engine.apply(control)
    confirm(host, engine)
    written = store.writes
    assert drift_of(host, store, control) == []
    engine.apply(control)
    assert store.writes == written
    engine.roll_back(RollbackWish())
    assert (host.states, store.text) == ({RESOURCES[0]: BEFORE}, "")


def test_on_trial_and_taken_back_it_is_theirs_again(edited: tuple[MemoryHost, MemoryStore, Engine]) -> None:
    host, store, engine = edited
    theirs = dict(host.states)
    control = risky(Control(OWNER, (wish(0, "2"), wish(1, "1"))))
    engine.apply(control)
    text = store.text
    engine.apply(control)
    assert store.text == text
    assert parse_lines(render_header() + "".join(map(render_line, store.read()))) == store.read()
    engine.revert()
    assert host.states == theirs
    (outcome,) = engine.roll_back(RollbackWish())
    assert (host.states, len(outcome.kept)) == (theirs, 1)


@given(hosts, controls(), edits, controls(), st.booleans())
def test_after_a_run_nothing_wished_has_drifted_and_the_next_writes_nothing(
    before: Edits, first: Control, edited: Edits, second: Control, is_risky: bool
) -> None:
    host, store, engine = start(before)
    engine.apply(first)
    for resource, state in edited.items():
        edit(host, resource, state)
    engine.apply(risky(second) if is_risky else second)
    confirm(host, engine)
    assert drift_of(host, store, second) == []
    writes = store.writes
    assert not engine.apply(second).changed
    assert store.writes == writes
    memories = ledger_of(store).memories
    kept = " ".join(text for outcome in engine.roll_back(RollbackWish()) for text in outcome.kept)
    for wished in {one.resource for one in second.wishes} & set(memories):
        assert str(wished) not in kept
        assert host.observe(wished) == memories[wished].before


@settings(max_examples=40)
@given(hosts, controls(), edits, controls())
def test_killed_at_every_step_a_rerun_notes_it(before: Edits, first: Control, edited: Edits, second: Control) -> None:
    def prepare() -> tuple[MemoryHost, MemoryStore]:
        host, store, engine = start(before)
        engine.apply(first)
        for resource, state in edited.items():
            edit(host, resource, state)
        return host, store

    for host, store in killed_at_every_step(prepare, lambda *there: Engine(*there).apply(second)):
        Engine(host, store).apply(second)
        assert drift_of(host, store, second) == []
        writes = store.writes
        Engine(host, store).apply(second)
        assert store.writes == writes
