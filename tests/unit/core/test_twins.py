"""While Docker works on another data folder, what is taken back there is still in the former one."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._core.drift import find_drift
from ansible_collections.ably.sandbox.plugins.module_utils._core.ledger import fold
from ansible_collections.ably.sandbox.plugins.module_utils._core.resources import Control, Resource, Wish
from ansible_collections.ably.sandbox.plugins.module_utils._core.states import ABSENT, present
from ansible_collections.ably.sandbox.plugins.module_utils._host.engine.engine import Engine, RollbackWish

from .memory_host import MemoryHost, MemoryStore, killed_at_every_step
from .test_engine_properties import OWNER, start

FIRST, SECOND = (Resource("docker_image", f"r/s@sha256:{digit}") for digit in "12")


def wish_for(image: Resource, is_risky: bool) -> Control:
    return Control(OWNER, (Wish(image, present(id=image.name[-1])),), is_risky=is_risky)


def another_folder(is_risky: bool) -> tuple[MemoryHost, MemoryStore, Engine]:
    """The first image came in the former folder; in the one that Docker works on it is as well."""
    host, store, engine = start({})
    engine.apply(wish_for(FIRST, is_risky))
    confirm(host, engine)
    host.twins = {FIRST, SECOND}
    return host, store, engine


def confirm(host: MemoryHost, engine: Engine) -> None:
    host.connect_anew()
    engine.confirm()


def former_folder(host: MemoryHost) -> None:
    host.twins = set()
    host.states = {FIRST: present(id="1")}


@pytest.mark.parametrize("is_risky", [False, True])
def test_what_is_dropped_there_goes_from_the_former_folder_too(is_risky: bool) -> None:
    host, store, engine = another_folder(is_risky)
    engine.apply(wish_for(SECOND, is_risky))
    confirm(host, engine)
    assert (host.observe(FIRST), host.observe(SECOND).fact("id")) == (ABSENT, "2")
    assert find_drift(fold(store.read()), {image: host.observe(image) for image in (FIRST, SECOND)}) == ()
    assert not engine.apply(wish_for(SECOND, is_risky)).changed
    former_folder(host)
    assert [outcome.kept for outcome in engine.roll_back(RollbackWish())] == [()]
    assert (host.states, store.text) == ({}, "")


def test_it_goes_when_the_way_up_is_taken_again_from_the_former_folder() -> None:
    host, store, engine = another_folder(is_risky=False)
    engine.apply(wish_for(SECOND, is_risky=False))
    former_folder(host)
    engine.apply(wish_for(SECOND, is_risky=False))
    assert host.states.keys() == {SECOND}
    assert fold(store.read()).memories.keys() == {SECOND}


def test_killed_at_every_step() -> None:
    def prepare() -> tuple[MemoryHost, MemoryStore]:
        return another_folder(is_risky=False)[:2]

    def act(host: MemoryHost, store: MemoryStore) -> None:
        Engine(host, store).apply(wish_for(SECOND, is_risky=False))

    for host, store in killed_at_every_step(prepare, act):
        former_folder(host)
        Engine(host, store).roll_back(RollbackWish())
        assert (host.states, store.text) == ({}, "")
