"""Typed facts are what a state says, and nothing that was left open."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.plugins.module_utils._formats.resource_facts import (
    DockerImageFacts,
    DockerRemapFacts,
    FileFacts,
    JsonKeyFacts,
    TypedFacts,
    facts_of,
)
from ansible_collections.ably.sandbox.tests.states import present


@pytest.mark.parametrize(
    "facts",
    [
        FileFacts(),
        FileFacts(type="file", content="", mode=0, uid=0, xattrs={}),
        JsonKeyFacts(None),
        DockerRemapFacts("x", others_may_run=False),
        DockerImageFacts("1", ("a@sha256:1", "b@sha256:2"), archive=None, names=["x:1"]),
    ],
)
def test_a_state_says_what_the_facts_do(facts: TypedFacts) -> None:
    assert facts_of(type(facts), facts.state) == facts


def test_what_is_left_open_is_not_named() -> None:
    assert FileFacts(type="folder", uid=0).state == present(type="folder", uid=0)
    assert JsonKeyFacts(None).state == present(value=None)


def test_notes_have_an_underscore_and_each_digest_is_a_fact_of_its_own() -> None:
    facts = DockerImageFacts(digests=("a@sha256:1",), pull="a@sha256:1", names=["x:1"])
    assert facts.state == State({"digest a@sha256:1": True, "_pull": "a@sha256:1", "_names": ["x:1"]})


def test_nothing_has_no_facts() -> None:
    assert facts_of(FileFacts, ABSENT) is None


def test_what_another_release_knows_is_left_out() -> None:
    assert facts_of(FileFacts, present(type="file", colour="red")) == FileFacts(type="file")
