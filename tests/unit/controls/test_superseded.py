"""Which images have to go: those that we brought, that another one has followed, and that nobody had before us."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.image.superseded import find_superseded
from ansible_collections.ably.sandbox.plugins.module_utils._engine.ledger import Ledger, Memory
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Owner, Resource
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.tests.states import present

OWNER = Owner(1, "image")


def memory(before: State, *written: str, kind: str = "docker_image", name: str = "session:1") -> Memory:
    return Memory(Resource(kind, name), OWNER, before, tuple(present(id=one) for one in written))


@pytest.mark.parametrize(
    ("memories", "superseded"),
    [
        ([], ()),
        ([memory(ABSENT, "a")], ()),
        ([memory(ABSENT, "a", "b", "c")], ("a", "b")),
        ([memory(ABSENT, "a", "b", "a")], ("b",)),
        ([memory(present(id="a"), "a", "b", "c")], ("b",)),
        ([memory(ABSENT, "a", "b"), memory(ABSENT, "a", name="other:1")], ()),
        ([memory(ABSENT, "a", "b", kind="remapped_image")], ("a",)),
        ([memory(ABSENT, "a", "b", kind="docker_archive")], ()),
        ([Memory(Resource("docker_image", "r@sha256:1"), OWNER, ABSENT, (present(digest="r@sha256:1"),))], ()),
    ],
)
def test_of_a_ledger(memories: list[Memory], superseded: tuple[str, ...]) -> None:
    assert find_superseded(Ledger({memory.resource: memory for memory in memories})) == superseded
