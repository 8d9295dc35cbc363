"""Which of the states that we wrote are kept: the first, and the last fifteen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import RollbackWish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.ledger import Ledger, fold, records_of
from ansible_collections.ably.sandbox.plugins.module_utils._engine.records import Record, Remembered, Wrote
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control, Resource, Wish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.tests.states import present

from .test_engine_properties import OWNER, desired, start, states

IMAGE = Resource("docker_image", "s:1")
BEFORE = present(id="0")


def fold_written(*after: State, there: State = ABSENT) -> Ledger:
    return fold([Remembered(OWNER, IMAGE, ABSENT), *(Wrote(IMAGE, state, (), there) for state in after)])


@pytest.mark.parametrize(
    ("wrote", "kept"),
    [
        ("1", "1"),
        ("11", "1"),
        ("112", "12"),
        ("121", "121"),
        ("1213", "1213"),
        ("123456789abcdefg", "123456789abcdefg"),
        ("123456789abcdefgh", "13456789abcdefgh"),
        ("121456789abcdefgh", "1456789abcdefgh"),
    ],
)
def test_the_first_and_the_last_fifteen(wrote: str, kept: str) -> None:
    written = fold_written(*(present(id=one) for one in wrote)).memories[IMAGE].written
    assert "".join(state.fact("id") for state in written) == kept


@given(st.lists(st.tuples(desired, states), max_size=20))
def test_the_shortest_records_fold_to_the_same_ledger(wrote: list[tuple[State, State]]) -> None:
    records: list[Record] = [Wrote(IMAGE, after.abridged(), (), there.abridged()) for after, there in wrote]
    ledger = fold([Remembered(OWNER, IMAGE, ABSENT), *records])
    written = ledger.memories[IMAGE].written
    assert fold(records_of(ledger)) == ledger
    assert len(written) <= 16
    assert written[-1:] == tuple(after.abridged() for after, _unused in wrote[-1:])
    if wrote:
        assert written[0].holds(wrote[0][0].abridged())


@pytest.mark.parametrize("before", [ABSENT, BEFORE])
@pytest.mark.parametrize("there", ["1", "2", "4"])
def test_what_is_there_is_ours_when_it_is_one_of_them(before: State, there: str) -> None:
    """Docker is back in the folder of level 1, where the image is as it was before it changed for the last times."""
    host, store, engine = start({} if before.is_absent else {IMAGE: before})
    for one in "1234":
        engine.apply(Control(OWNER, (Wish(IMAGE, present(id=one)),)))
    host.states[IMAGE] = present(id=there)
    assert [outcome.kept for outcome in engine.roll_back(RollbackWish())] == [()]
    assert (host.observe(IMAGE), store.text) == (before, "")


def test_what_nobody_wrote_is_still_theirs() -> None:
    host, _unused, engine = start({IMAGE: BEFORE})
    for one in "1234":
        engine.apply(Control(OWNER, (Wish(IMAGE, present(id=one)),)))
    host.states[IMAGE] = present(id="theirs")
    assert engine.roll_back(RollbackWish())[0].kept
    assert host.states[IMAGE].fact("id") == "theirs"


def test_facts_that_were_named_later_are_known_of_the_first_too() -> None:
    ledger = fold(
        [
            Remembered(OWNER, IMAGE, BEFORE),
            Wrote(IMAGE, present(id="1")),
            Wrote(IMAGE, present(id="2", size=2), (), present(size=1)),
            Wrote(IMAGE, present(id="3", size=3)),
            Wrote(IMAGE, present(id="4", size=4)),
        ]
    )
    assert ledger.memories[IMAGE].written[0] == present(id="1", size=1)
