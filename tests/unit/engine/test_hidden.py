"""While Docker works on another data folder, what is taken back there is still in the former one."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.drift import find_drift
from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import Engine, RollbackWish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import RefusedError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.ledger import fold
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import (
    Control,
    Owner,
    Resource,
    Traits,
    Wish,
)
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT
from ansible_collections.ably.sandbox.plugins.module_utils._system.local_host import PROVIDERS, LocalHost
from ansible_collections.ably.sandbox.tests.states import present

from .memory_host import MemoryHost, MemoryStore, killed_at_every_step
from .test_engine_properties import start
from .test_trials import confirm

IMAGE, USERNS = Owner(1, "image"), Owner(2, "userns")
FIRST, SECOND = (Resource("docker_image", f"r/s@sha256:{digit}") for digit in "12")
KEY = Resource("docker_remap", "/etc/docker/daemon.json#userns-remap")
REMAP = Control(USERNS, (Wish(KEY, present(value="u")),))
FORMER = {FIRST: present(id="1")}
KINDS = {"docker_image": Traits(hidden_by="docker_remap")}


def wish_for(image: Resource, is_risky: bool = False) -> Control:
    return Control(IMAGE, (Wish(image, present(id=image.name[-1])),), is_risky=is_risky)


def other_folder(is_risky: bool = False) -> tuple[MemoryHost, MemoryStore, Engine]:
    """The image is in the former one, and was carried to the one that Docker works on now."""
    host, store, engine = start({})
    host.kinds, host.behind = KINDS, {KEY: FORMER}
    engine.apply(wish_for(FIRST, is_risky))
    confirm(host, engine)
    engine.apply(REMAP)
    return host, store, engine


@pytest.mark.parametrize("is_risky", [False, True])
def test_what_is_dropped_there_goes_from_the_former_folder_too(is_risky: bool) -> None:
    host, store, engine = other_folder(is_risky)
    engine.apply(wish_for(SECOND, is_risky))
    confirm(host, engine)
    assert (host.observe(FIRST), host.observe(SECOND).fact("id")) == (ABSENT, "2")
    assert not engine.apply(wish_for(SECOND, is_risky)).changed
    engine.roll_back(RollbackWish(to_level=1))
    assert host.states == {}
    engine.roll_back(RollbackWish())
    assert (host.states, store.text) == ({}, "")


def test_what_was_dropped_is_no_drift_unless_it_had_to_stay() -> None:
    for stays in (False, True):
        host, store, engine = other_folder()
        if stays:
            host.states[FIRST] = present(id="1", foreign=True)
        engine.apply(wish_for(SECOND))
        observed = {resource: host.observe(resource) for resource in (FIRST, SECOND, KEY)}
        assert observed[FIRST].is_absent != stays
        assert find_drift(fold(store.read()), observed) == ()


def test_it_goes_when_the_way_up_is_taken_again_from_the_former_folder() -> None:
    host, store, engine = other_folder()
    engine.apply(wish_for(SECOND))
    engine.roll_back(RollbackWish(to_level=1))
    engine.apply(wish_for(SECOND))
    assert host.states.keys() == fold(store.read()).memories.keys() == {SECOND}


@pytest.mark.parametrize("check_only", [False, True])
def test_what_is_hidden_does_not_go_back_alone(check_only: bool) -> None:
    host, store, engine = other_folder()
    there = store.text
    with pytest.raises(RefusedError, match=r"r/s@sha256:1: is out of sight because of docker_remap"):
        engine.roll_back(RollbackWish(control="image"), check_only)
    assert (FIRST in host.states, store.text) == (True, there)


@pytest.mark.parametrize("check_only", [False, True])
def test_nothing_goes_back_when_what_hides_it_has_to_stay(check_only: bool) -> None:
    host, store, engine = other_folder()
    host.states[KEY] = present(value="theirs")
    before = (dict(host.states), store.text)
    with pytest.raises(RefusedError, match="which would stay"):
        engine.roll_back(RollbackWish(), check_only)
    assert (host.states, store.text) == before
    outcomes = engine.roll_back(RollbackWish(force=True), check_only)
    assert [outcome.owner for outcome in outcomes] == [USERNS, IMAGE]


def test_the_later_phase_goes_back_first_whichever_was_made_first() -> None:
    host, store, engine = start({})
    host.kinds = KINDS
    engine.apply(REMAP)
    engine.apply(wish_for(FIRST))
    assert [outcome.owner for outcome in engine.roll_back(RollbackWish())] == [USERNS, IMAGE]
    assert (host.states, store.text) == ({}, "")


def test_what_others_bring_there_later_is_left_to_them() -> None:
    host, _unused, engine = other_folder()
    engine.apply(wish_for(SECOND))
    host.states[FIRST] = present(id="1")
    assert not engine.apply(wish_for(SECOND)).changed
    assert FIRST in host.states


@pytest.mark.parametrize("is_risky", [False, True])
def test_killed_at_every_step(is_risky: bool) -> None:
    def prepare() -> tuple[MemoryHost, MemoryStore]:
        return other_folder(is_risky)[:2]

    def act(host: MemoryHost, store: MemoryStore) -> None:
        engine = Engine(host, store)
        engine.apply(wish_for(SECOND, is_risky))
        confirm(host, engine)

    for host, store in killed_at_every_step(prepare, act):
        Engine(host, store).roll_back(RollbackWish(to_level=1))
        Engine(host, store).roll_back(RollbackWish())
        assert (host.states, store.text) == ({}, "")


def test_docker_has_images_and_networks_in_both_folders() -> None:
    hidden = {kind for kind in PROVIDERS if LocalHost().traits(kind).hidden_by == "docker_remap"}
    assert hidden == {"docker_image", "docker_network"}
