"""A host and a store in memory, for property tests. They keep to the ports' contracts and can be told to die."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING

from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import Kept, SandboxError, UnreachableError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.moments import Moment
from ansible_collections.ably.sandbox.plugins.module_utils._engine.records import (
    Record,
    parse_lines,
    render_header,
    render_line,
)
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Traits
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT, State
from ansible_collections.ably.sandbox.plugins.module_utils._system.activations import arrange_activations
from ansible_collections.ably.sandbox.tests.states import present

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Activation, Resource, Wish
    from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change


class Killed(BaseException):
    """The process died here. Not an Exception: nothing may catch it."""


class Clock:
    """Counts the steps that touch the outside, and kills at the one it was told to."""

    def __init__(self, kill_at: int | None = None) -> None:
        self.steps = 0
        self.kill_at = kill_at

    def tick(self) -> None:
        self.steps += 1
        if self.steps == self.kill_at:
            raise Killed


class MemoryHost:
    """Resources in a dict. A unit's restarts are counted; its token is the count."""

    def __init__(self, states: dict[Resource, State] | None = None) -> None:
        self.states = dict(states or {})
        self.restarts: dict[str, int] = {}
        self.clock = Clock()
        self.refused: Resource | None = None
        self.broken: Resource | None = None
        self.unreachable: Resource | None = None
        self.needed: Resource | None = None
        self.damaged: Resource | None = None
        self.secret: tuple[Resource, ...] = ()
        self.kinds: Mapping[str, Traits] = {"package": Traits(is_swapped_together=True, is_lasting=True)}
        # What there is once a resource is gone: Docker's former folder, for one.
        self.behind: dict[Resource, dict[Resource, State]] = {}
        self.sick = False
        self.armed = 0
        self.ticks = 100
        self.came: int | None = 50

    def traits(self, kind: str) -> Traits:
        return self.kinds.get(kind, Traits())

    def complete(self, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        return tuple(wishes)

    def observe(self, resource: Resource) -> State:
        if resource == self.unreachable:
            raise UnreachableError("nobody answers")
        return self.states.get(resource, ABSENT)

    def rehearse(self, change: Change) -> None:
        if change.resource == self.refused:
            raise SandboxError(f"{change.resource}: refused")

    def consent(self, changes: Sequence[Change], force: bool) -> None:
        if self.needed in {change.resource for change in changes} and not force:
            raise SandboxError(f"{self.needed}: is needed")

    def is_secret(self, change: Change) -> bool:
        return change.resource in self.secret

    def shown(self, change: Change) -> Change:
        return change

    def arrange(self, changes: Sequence[Change], pending: Iterable[Activation] = ()) -> tuple[Activation, ...]:
        return arrange_activations(changes, pending)

    def swap(self, changes: Sequence[Change]) -> None:
        for change in changes:
            self.clock.tick()
            if change.resource == self.broken:
                raise SandboxError(f"{change.resource}: does not budge")
            if change.after.is_absent and self.observe(change.resource).fact("foreign"):
                raise Kept(f"{change.resource}: others are in it")
            self._set(change)
            if change.resource == self.damaged:
                self.damaged = None
            self.clock.tick()

    def _set(self, change: Change) -> None:
        if change.after.is_absent:
            self.states.pop(change.resource, None)
            self.states = dict(self.behind.pop(change.resource, self.states))
        else:
            self.states[change.resource] = change.after.under(self._there(change))

    def _there(self, change: Change) -> State:
        """A file that comes into being has every fact, whatever was wished of it."""
        there = self.observe(change.resource)
        return present(mode=0o600) if there.is_absent and change.after.fact("content") else there

    def token(self, activation: Activation) -> str:
        return str(self.restarts.get(activation.unit, 0))

    def activate(self, activation: Activation) -> None:
        self.clock.tick()
        self.restarts[activation.unit] = self.restarts.get(activation.unit, 0) + 1
        self.clock.tick()

    def check_health(self, command: Sequence[str]) -> None:
        if self.sick:
            raise SandboxError(f"{command[0]}: not healthy")

    def arm(self) -> None:
        self.clock.tick()
        self.armed += 1

    def disarm(self) -> None:
        self.armed = 0

    def date(self) -> str:
        return "2026-11-26T12:00:00Z"

    def now(self) -> Moment:
        self.ticks += 1
        return Moment("boot", self.ticks)

    def pause(self, seconds: float) -> None:
        self.ticks += int(seconds * 100)

    def connected(self) -> Moment | None:
        return None if self.came is None else Moment("boot", self.came)

    def connect_anew(self) -> None:
        self.came = self.ticks + 1

    def recover(self, resources: Sequence[Resource]) -> None:
        del resources

    def find_damage(self, resource: Resource) -> str:
        return "unreadable" if resource == self.damaged and resource in self.states else ""


class MemoryStore:
    """The ledger as the text that a disk would hold, so that the record format is under test too."""

    def __init__(self, clock: Clock, ledger_names: Mapping[str, str] | None = None) -> None:
        self.text = ""
        self.clock = clock
        self.ledger_names = ledger_names or {}
        self.writes = 0

    @contextlib.contextmanager
    def lock(self, purpose: str) -> Iterator[None]:
        del purpose
        yield

    def read(self) -> tuple[Record, ...]:
        return parse_lines(self.text, self.ledger_names)

    def append(self, records: Sequence[Record]) -> None:
        self.clock.tick()
        self.writes += 1
        self.text += self._lines(records) if self.text else self._render(records)
        self.clock.tick()

    def replace(self, records: Sequence[Record]) -> None:
        self.clock.tick()
        self.writes += 1
        self.text = self._render(records) if records else ""
        self.clock.tick()

    def _render(self, records: Sequence[Record]) -> str:
        return render_header() + self._lines(records)

    def _lines(self, records: Sequence[Record]) -> str:
        return "".join(render_line(record, self.ledger_names) for record in records)


def killed_at_every_step(
    prepare: Callable[[], tuple[MemoryHost, MemoryStore]], act: Callable[[MemoryHost, MemoryStore], object]
) -> Iterator[tuple[MemoryHost, MemoryStore]]:
    """What each kill of `act` leaves of what `prepare` made, first step to last, until it comes to its end."""
    for kill_at in itertools.count(1):
        host, store = prepare()
        host.clock = store.clock = Clock(kill_at)
        try:
            act(host, store)
        except Killed:
            host.clock = store.clock = Clock()
            yield host, store
        else:
            return
