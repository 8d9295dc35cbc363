"""What every kind of resource looks like to the host, and what most of them have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..._engine.resources import Traits, Wish
from ..._engine.states import State
from ..._engine.steps import Change
from ..outside import Outside


class Provider(Protocol):
    """One technology. Every method raises SandboxError on an expected failure; nothing raises OSError.

    All changes to the world go through an `Outside`, so that they can be interrupted at each of them.
    """

    traits: Traits

    def complete(self, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        """The wishes of this kind in the host's own terms: as many, in the same order. Changes nothing that lasts."""

    def observe(self, name: str) -> State:
        """All the facts needed to bring the resource back, or ABSENT. Changes nothing."""

    def rehearse(self, change: Change) -> None:
        """Raise RefusedError if the change could not be made. Changes nothing that lasts.

        All changes of a run are rehearsed in their order before the first is made: what an earlier one will
        have done counts as done.
        """

    def consent(self, changes: Sequence[Change], force: bool) -> None:
        """Raise SandboxError when one of these must not go back now: somebody needs it as it is. Changes nothing.

        Asked of all that goes back before the first of it does. `force`: others' needs do not count.
        """

    def is_secret(self, change: Change) -> bool:
        """Whether not everybody on the host may read what it changes."""

    def shown(self, change: Change) -> Change:
        """As a person is shown it: facts in their usual form, without those that go without saying."""

    def swap(self, changes: Sequence[Change]) -> None:
        """Make the changes, each whole or not at all; a killed one must leave nothing that is neither before nor after.

        Raises Kept when others' things are in the resource and it has to stay.
        """

    def recover(self, names: Sequence[str]) -> None:
        """Clear away what a killed run may have left half done around these resources."""

    def find_damage(self, name: str) -> str:
        """Why it is of no use although it is observed as it was written, '' when it is whole.

        Asked after a run that was cut off. What is whole is on the disk when this returns.
        """


class PlainProvider:
    """A kind without anything to complete, to rehearse, to hide or to recover. Its changes are made one by one."""

    traits = Traits()

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def complete(self, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        return tuple(wishes)

    def rehearse(self, change: Change) -> None:
        """Nothing can be said beforehand."""

    def consent(self, changes: Sequence[Change], force: bool) -> None:
        """Nobody is asked."""

    def is_secret(self, change: Change) -> bool:
        """Everybody may ask for it."""
        del change
        return False

    def shown(self, change: Change) -> Change:
        return change

    def swap(self, changes: Sequence[Change]) -> None:
        for change in changes:
            self.swap_one(change)

    def swap_one(self, change: Change) -> None:
        raise NotImplementedError

    def recover(self, names: Sequence[str]) -> None:
        """Nothing is ever left half done."""

    def find_damage(self, name: str) -> str:
        """What is observed is all there is."""
        del name
        return ""


def split_name(name: str) -> tuple[str, str]:
    """A file and the name of what is ours in it: `/etc/docker/daemon.json#log-driver`."""
    path, _unused, part = name.partition("#")
    return path, part
