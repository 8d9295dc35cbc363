"""Debian packages, and the set of them all."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..._engine.errors import Kept, RefusedError
from ..._engine.resources import Traits, Wish
from ..._engine.states import ABSENT, State
from ..._engine.steps import Change
from ..._formats.dpkg import find_leftovers, find_package, is_package_name
from ..._formats.resource_facts import PackageFacts, PackageSetFacts, facts_of
from ..apt import Apt
from ..outside import Outside
from ..package_locks import PackageLocks
from .provider import PlainProvider


class AptProvider(PlainProvider):
    """What goes through apt. A run of it that was killed is finished first."""

    def __init__(self, outside: Outside, locks: PackageLocks | None = None) -> None:
        super().__init__(outside)
        self._apt = Apt(outside, locks or PackageLocks(outside))

    def recover(self, names: Sequence[str]) -> None:
        del names
        self._apt.finish_interrupted()


class PackageProvider(AptProvider):
    """name: the package's. facts: PackageFacts. A group of changes is one run of apt.

    Others may have come to use what was installed.
    """

    traits = Traits(is_swapped_together=True, is_lasting=True)

    def complete(self, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        """As they are; but when apt finds no way to install what is missing, that is said before anything changes.

        What another is just installing is not missing: it is waited for, where there is something to wait for.
        """
        desired = {wish.resource.name: facts_of(PackageFacts, wish.state) for wish in wishes if wish.state is not None}
        names = [name for name, facts in desired.items() if _is_installed(facts)]
        if self._missing(names):
            self._apt.wait_for_others(may_pause=True)
        missing = self._missing(names)
        malformed = [name for name in missing if not is_package_name(name)]
        if malformed:
            raise RefusedError(f"package {malformed[0]!r}: expected a name such as 'haproxy'")
        if missing:
            self._apt.can_install(missing)
        return tuple(wishes)

    def _missing(self, names: Collection[str]) -> list[str]:
        return [name for name in names if not _is_installed(find_package(name, self._apt.states()))]

    def rehearse(self, change: Change) -> None:
        """Apt refuses to work upon what was left half done, and so do we: before anything else changes."""
        if half_done := self._apt.half_done():
            found = f"{change.resource}: dpkg: found half done: {', '.join(half_done)}, expected nothing half done"
            raise RefusedError(found, "run dpkg --configure -a")

    def observe(self, name: str) -> State:
        found = find_package(name, self._apt.states())
        return ABSENT if found is None else found.state

    def swap(self, changes: Sequence[Change]) -> None:
        after = {change.resource.name: facts_of(PackageFacts, change.after) for change in changes}
        wanted = [name for name, facts in after.items() if _is_installed(facts)]
        purged = [name for name, facts in after.items() if facts is None]
        removed = [name for name, facts in after.items() if facts is not None and not facts.installed]
        self._apt.wait_for_others()
        try:
            if wanted:
                self._apt.install(wanted)
            self._take_away(purged, removed)
        finally:
            self._apt.reload_systemd()

    def _take_away(self, purged: Collection[str], removed: Collection[str]) -> None:
        """Those that nothing else needs. Raises Kept for the rest."""
        unneeded = find_unneeded(self._apt, {*purged, *removed})
        if unneeded & set(purged):
            self._apt.purge(unneeded & set(purged))
        if unneeded & set(removed):
            self._apt.remove(unneeded & set(removed))
        needed = sorted({*purged, *removed} - unneeded)
        if needed:
            raise Kept(f"packages {', '.join(needed)}: stay, because packages that others installed need them")


class PackageSetProvider(AptProvider):
    """All installed packages, remembered so that what came along as dependencies can go again. Only ever a footprint.

    facts: PackageSetFacts. It stands before its control's packages: on the way back it comes after them.
    """

    def observe(self, name: str) -> State:
        del name
        return PackageSetFacts("".join(f"{package}\n" for package in sorted(self._apt.installed()))).state

    def swap_one(self, change: Change) -> None:
        """Purge what was brought along since and is needed by nothing. What others asked for stays, and so is said."""
        self._apt.wait_for_others()
        former = facts_of(PackageSetFacts, change.after)
        before = frozenset(former.content.split() if former else ())
        leftovers = find_unneeded(self._apt, find_leftovers(before, self._apt.installed(), self._apt.auto_marks()))
        if leftovers:
            self._apt.purge(leftovers)
            self._apt.reload_systemd()
        now = self._apt.installed()
        if now != before:
            raise Kept(f"packages: others changed them since: {_describe(now - before, before - now)}")


def _is_installed(facts: PackageFacts | None) -> bool:
    return facts is not None and facts.installed


def find_unneeded(apt: Apt, names: Collection[str]) -> frozenset[str]:
    """Those of the packages that can go without anything else going with them."""
    wanted = frozenset(names)
    if not wanted or apt.simulate_purge(sorted(wanted)).removed <= wanted:
        return wanted
    return frozenset(name for name in wanted if apt.simulate_purge([name]).removed <= wanted)


def _describe(more: Collection[str], fewer: Collection[str]) -> str:
    parts = [f"{' '.join(sorted(names))} {verb}" for names, verb in ((more, "stay"), (fewer, "are gone")) if names]
    return ", ".join(parts)
