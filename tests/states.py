"""States in tests, by their bare facts: the engine's tests know no kind of resource."""

from __future__ import annotations

from typing import Any

from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import State


def present(**facts: Any) -> State:
    return State(facts)
