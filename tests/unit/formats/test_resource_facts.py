"""Typed facts are what a state says, and nothing that was left open."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, present
from ansible_collections.ably.sandbox.plugins.module_utils._formats.resource_facts import (
    FileFacts,
    TypedFacts,
    facts_of,
)


@pytest.mark.parametrize(
    "facts",
    [
        FileFacts(),
        FileFacts(type="file", content="", mode=0, uid=0, xattrs={}),
    ],
)
def test_a_state_says_what_the_facts_do(facts: TypedFacts) -> None:
    assert facts_of(type(facts), facts.state) == facts


def test_what_is_left_open_is_not_named() -> None:
    assert FileFacts(type="folder", uid=0).state == present(type="folder", uid=0)


def test_nothing_has_no_facts() -> None:
    assert facts_of(FileFacts, ABSENT) is None


def test_what_another_release_knows_is_left_out() -> None:
    assert facts_of(FileFacts, present(type="file", colour="red")) == FileFacts(type="file")
