"""What the scripts share. They run as root on the host under test, with its Python, and leave it as they found it."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ansible_collections.ably.sandbox.plugins.module_utils._engine.engine import Engine, RollbackWish
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control, Owner, Resource, Wish
from ansible_collections.ably.sandbox.plugins.module_utils._system.local_host import LocalHost
from ansible_collections.ably.sandbox.plugins.module_utils._system.store import LedgerStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ansible_collections.ably.sandbox.plugins.module_utils._engine.changes import Outcome
    from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import State


def engine() -> Engine:
    return Engine(LocalHost(), LedgerStore())


def control(name: str, *wishes: Wish) -> Control:
    return Control(Owner(1, name), wishes)


def apply(wanted: Control, check_only: bool = False) -> list[str]:
    """The resources that were changed, or would be."""
    return [str(change.resource) for change in engine().apply(wanted, check_only).plan.changes]


def apply_twice(wanted: Control) -> None:
    """Check mode tells the same as the real run, and a second one has nothing to do."""
    told = apply(wanted, check_only=True)
    assert told, "nothing to do"
    assert apply(wanted) == told
    assert apply(wanted) == []


def roll_back(control_name: str | None = None) -> tuple[Outcome, ...]:
    return engine().roll_back(RollbackWish(control=control_name, lasting=True))


def observe(kind: str, name: str) -> State:
    return LocalHost().observe(Resource(kind, name))


def say(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@contextmanager
def refused(*words: str) -> Iterator[list[str]]:
    """The block must fail with an error that says these words; the error's text is known afterwards."""
    said: list[str] = []
    try:
        yield said
    except SandboxError as error:
        said.append(str(error))
    assert said, f"expected an error that says {words}"
    missing = [word for word in words if word not in said[0]]
    assert not missing, f"{missing} not in: {said[0]}"
