"""A plan goes on without what nobody can say now. A run does not."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import UnreachableError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control, Resource, Wish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import present

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
