"""A service that is down after a failed run is what is said first, and only while it is down."""

from __future__ import annotations

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import Engine
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import DownError, SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Activation, Control, Resource, Wish
from ansible_collections.ably.sandbox.tests.states import present

from .memory_host import MemoryHost, MemoryStore
from .test_engine_properties import OWNER

KEY = Resource("json_key", "/etc/d.json#a")
FIRST = "x.service does not run: start it."
CONTROL = Control(OWNER, (Wish(KEY, present(value=2), (Activation("restart", "x.service"),)),))


class FallingHost(MemoryHost):
    """Its service does not come back from the first `falls` restarts."""

    falls = 0

    stuck: Resource | None = None

    def activate(self, activation: Activation) -> None:
        super().activate(activation)
        self.broken = self.stuck
        if self.restarts[activation.unit] <= self.falls:
            raise DownError(FIRST, f"x.service: restart {self.restarts[activation.unit]} failed", "look")


def falling(falls: int) -> tuple[FallingHost, MemoryStore, Engine]:
    host = FallingHost({KEY: present(value=1)})
    host.falls = falls
    store = MemoryStore(host.clock)
    return host, store, Engine(host, store)


def test_a_restart_that_fails_once_is_taken_back_and_nothing_is_down() -> None:
    host, store, engine = falling(1)
    with pytest.raises(SandboxError) as caught:
        engine.apply(CONTROL)
    assert not isinstance(caught.value, DownError)
    assert str(caught.value).startswith(f"{OWNER}: x.service: restart 1 failed; restored as they were: {KEY}")
    assert (host.observe(KEY).fact("value"), host.restarts["x.service"], store.text) == (1, 2, "")


def test_what_does_not_come_back_on_the_way_back_either_is_said_first() -> None:
    host, _unused, engine = falling(2)
    with pytest.raises(DownError) as caught:
        engine.apply(CONTROL)
    assert str(caught.value).startswith(
        f"{FIRST} {OWNER}: x.service: restart 1 failed; undoing it failed as well: x.service: restart 2 failed; mend"
    )
    assert str(caught.value).count(FIRST) == 1
    assert host.observe(KEY).fact("value") == 1


def test_what_is_down_is_also_said_where_something_else_keeps_it_from_going_back() -> None:
    host, _unused, engine = falling(1)
    host.stuck = KEY
    with pytest.raises(DownError, match=f"^{FIRST}.*does not budge"):
        engine.apply(CONTROL)
