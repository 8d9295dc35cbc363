"""What a run does of a playbook's work, by tags: never in another order, never without what it stands on. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from ..descriptor import Descriptor
from ..problem import Problem
from ..registry import CONTROLS
from ..unknown import suggest

# Ansible's own words for all of it.
_ALL = frozenset({"all", "tagged"})
# What is done in any case: preflight, the settling of a trial, the proof.
_ALWAYS = "always"


@dataclass(frozen=True)
class Selection:
    """`tags`: of `--tags`; `skipped`: of `--skip-tags`."""

    tags: tuple[str, ...] = ("all",)
    skipped: tuple[str, ...] = ()


EVERYTHING = Selection()


def tags_of(control: Descriptor) -> tuple[str, str]:
    """Its phase's, and its role's."""
    return f"phase{control.owner.phase}", control.role or control.owner.control


TAGS = tuple(dict.fromkeys(tag for control in CONTROLS for tag in tags_of(control)))


def is_selected(control: Descriptor, selection: Selection) -> bool:
    """Whether the run applies it; as far as it can be told where a tag is misspelt."""
    if set(selection.tags) - {*TAGS, *_ALL, _ALWAYS}:
        return True
    tags = {*tags_of(control), *_ALL}
    return not tags.isdisjoint(selection.tags) and tags.isdisjoint(selection.skipped)


def find_misselected(selection: Selection, level: int, applied: Collection[str]) -> Iterator[Problem]:
    """`applied`: the names of the controls that the host has."""
    yield from _in_names("--tags", selection.tags, {*TAGS, *_ALL, _ALWAYS})
    yield from _in_names("--skip-tags", selection.skipped, TAGS)
    there = [control for control in CONTROLS if control.owner.phase <= level]
    for tag in selection.skipped:
        left_out = [control.owner.control for control in there if tag in tags_of(control)]
        if left_out:
            found, expected = f"{', '.join(left_out)} would be left out", f"every control of level {level}"
            yield Problem(f"--skip-tags {tag}", found, expected, "leave it in, or ask for a lower level")
    if not _ALL.intersection(selection.tags):
        yield from _in_order(selection.tags, there, applied)


def _in_names(option: str, given: Iterable[str], known: Collection[str]) -> Iterator[Problem]:
    for tag in (tag for tag in given if tag not in known):
        next_step = suggest(tag, known, "leave it out")
        yield Problem(f"{option} {tag}", "a tag that no task has", f"one of {', '.join(TAGS)}", next_step)


def _in_order(tags: Iterable[str], there: Iterable[Descriptor], applied: Collection[str]) -> Iterator[Problem]:
    """Each is applied upon all that come before it."""
    missing: list[Descriptor] = []
    for control in there:
        tag = next((tag for tag in tags if tag in tags_of(control)), None)
        if tag is None:
            if control.owner.control not in applied:
                missing.append(control)
        elif missing:
            names = ", ".join(one.owner.control for one in missing)
            more = ",".join(dict.fromkeys(tags_of(one)[1] for one in missing))
            yield Problem(f"--tags {tag}", f"a host without {names}", "what comes before it", f"add --tags {more}")
            return
