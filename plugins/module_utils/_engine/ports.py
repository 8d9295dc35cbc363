"""What the engine asks of the world outside: a host, and a store for the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from .moments import Moment
from .records import Record
from .resources import Activation, Resource, Traits, Wish
from .states import State
from .steps import Change


class Host(Protocol):
    """A host whose resources can be observed and swapped. Every method raises SandboxError on an expected failure."""

    def traits(self, kind: str) -> Traits:
        """What the engine has to know of this kind of resource."""

    def complete(self, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        """The wishes in the host's own terms (a ruleset as the kernel would list it)."""

    def observe(self, resource: Resource) -> State:
        """All the facts needed to bring the resource back. Changes nothing."""

    def rehearse(self, change: Change) -> None:
        """Raise RefusedError if the change could not be made. Changes nothing that lasts."""

    def consent(self, changes: Sequence[Change], force: bool) -> None:
        """Raise SandboxError when one of these must not go back now. Changes nothing."""

    def swap(self, changes: Sequence[Change]) -> None:
        """Make the changes, each whole or not at all. More than one only of a kind that is swapped together.

        Raises Kept when others' things are in the resource and it has to stay.
        """

    def is_secret(self, change: Change) -> bool:
        """Whether not everybody on the host may read what it changes."""

    def shown(self, change: Change) -> Change:
        """As a person is shown it: facts in their usual form, without those that go without saying."""

    def arrange(self, changes: Sequence[Change], pending: Iterable[Activation] = ()) -> tuple[Activation, ...]:
        """What makes the changes live and what is pending: in order, each once, without what another one covers."""

    def token(self, activation: Activation) -> str:
        """A value that is another one once the activation was carried out."""

    def activate(self, activation: Activation) -> None:
        """Carry it out and wait until its unit answers. What does not run is left stopped."""

    def check_health(self, command: Sequence[str]) -> None:
        """Raise VerificationError unless the command succeeds within the host's patience."""

    def arm(self) -> None:
        """Start the countdown, anew if it runs: at its end the host takes back what is on trial, with nobody's help."""

    def disarm(self) -> None:
        """Stop the countdown."""

    def now(self) -> Moment:
        """The present moment."""

    def pause(self, seconds: float) -> None:
        """Return when that much time has passed."""

    def date(self) -> str:
        """The present date and time, UTC, ISO 8601. For people: whoever sets the clock changes it."""

    def connected(self) -> Moment | None:
        """Since when the connection is there by which this process came; None for one that was not made over ssh."""

    def recover(self, resources: Sequence[Resource]) -> None:
        """Clear away what a killed run may have left half done around these resources."""

    def find_damage(self, resource: Resource) -> str:
        """Why it is of no use although it is observed as it was written, '' when it is whole, and on the disk."""


class Store(Protocol):
    """The ledger on disk, and the lock that keeps two runs apart."""

    def lock(self, purpose: str) -> AbstractContextManager[None]:
        """Hold the host for one run. Raises LedgerError naming the holder when another run has it."""

    def read(self) -> tuple[Record, ...]:
        """All records, () when there is no ledger. Raises LedgerError on damage."""

    def append(self, records: Sequence[Record]) -> None:
        """Durable when it returns."""

    def replace(self, records: Sequence[Record]) -> None:
        """All at once, durable when it returns. No records: the ledger and its folder go."""
