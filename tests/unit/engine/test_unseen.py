"""A plan goes on without what nobody can say now. A run does not."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import RollbackWish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import RefusedError, UnreachableError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control, Owner, Resource, Wish
from ansible_collections.ably.sandbox.tests.states import present

from .test_engine_properties import OWNER, start

IMAGE, FILE = Resource("docker_image", "s:1"), Resource("file", "/a")
CONTROL = Control(OWNER, (Wish(IMAGE, present(id="1")), Wish(FILE, present(content="a"))))


def test_a_plan_takes_it_for_absent_and_says_so() -> None:
    host, store, engine = start({IMAGE: present(id="1")})
    host.unreachable = IMAGE
    outcome = engine.apply(CONTROL, check_only=True)
    assert [change.resource for change in outcome.plan.changes] == [IMAGE, FILE]
    assert outcome.unseen == ("docker_image s:1: taken for absent in this plan: nobody answers",)
    assert store.text == ""


def test_a_run_ends_there() -> None:
    host, store, engine = start({})
    host.unreachable = IMAGE
    with pytest.raises(UnreachableError):
        engine.apply(CONTROL)
    assert (host.states, store.text) == ({}, "")


def test_what_can_be_seen_is_not_told() -> None:
    assert start({})[2].apply(CONTROL, check_only=True).unseen == ()


def test_nothing_goes_back_while_a_part_of_it_cannot_be_seen() -> None:
    """Else the later control would be gone, and the error would not say so."""
    host, store, engine = start({})
    later = Control(Owner(OWNER.phase, "later"), (Wish(FILE, present(content="a")),))
    engine.apply(Control(OWNER, (Wish(IMAGE, present(id="1")),)))
    engine.apply(later)
    before, host.unreachable = (dict(host.states), store.text), IMAGE
    with pytest.raises(RefusedError, match="rollback: nobody answers; see to it; nothing is changed"):
        engine.roll_back(RollbackWish())
    assert (host.states, store.text) == before
    host.unreachable = None
    engine.roll_back(RollbackWish())
    assert host.states == {}
