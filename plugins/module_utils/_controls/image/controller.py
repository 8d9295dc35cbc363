"""What hosts ask of the controller for their session images, and what it lacks of that. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..._formats.npm import Published
from ..problem import Problem
from .published import find_unfit
from .spec import ARCHITECTURE

_SHOWN_HOSTS = 3
UNKNOWN = "unknown"


@dataclass(frozen=True)
class ImageNeed:
    """`host` gets the image in the archive at `path`. `inputs`: the digest of what it is built from before, UNKNOWN
    where that makes no sense yet; empty where the archive has to be there. `packages`: the npm packages that are named,
    to the integrity that is asked of each; `epoch`: the image's time, 0 where it follows from them.
    """

    host: str
    path: str
    inputs: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    epoch: int = 0


@dataclass(frozen=True)
class ControllerFacts:
    """`missing_programs`: of those that a build runs. `unreadable`, `unwritable`: an archive's path to what is there
    instead of one that can be read, and of a place where one can be written; `unfit`: to what is wrong with the image
    in it. `built`: paths to the inputs of the image that is there. `published`, `unpublished`: what npm's registry has
    of the packages of those that are to be built, and why it has none.
    """

    missing_programs: Sequence[str] = ()
    unreadable: Mapping[str, str] = field(default_factory=dict)
    unwritable: Mapping[str, str] = field(default_factory=dict)
    unfit: Mapping[str, str] = field(default_factory=dict)
    built: Mapping[str, str] = field(default_factory=dict)
    published: Mapping[str, Published] = field(default_factory=dict)
    unpublished: Mapping[str, str] = field(default_factory=dict)


def find_to_build(needs: Collection[ImageNeed], built: Mapping[str, str]) -> list[ImageNeed]:
    """Those whose archive is not there, or was built from something else."""
    return [need for need in needs if need.inputs and built.get(need.path) != need.inputs]


def find_controller_problems(needs: Collection[ImageNeed], facts: ControllerFacts) -> Iterator[Problem]:
    """Before any host is changed: all of them are told, because the run as a whole cannot end well."""
    to_build = find_to_build(needs, facts.built)
    for program in facts.missing_programs if to_build else ():
        next_step = f"install the package {program}, or set sandbox_image_source to pull or archive"
        yield _lacking(f"program {program}", "none", f"it for the image of {_hosts(to_build)}", next_step)
    yield from _find_unfit_packages(to_build, facts)
    for path, group in _by_path(to_build):
        if path in facts.unwritable:
            found, expected = facts.unwritable[path], f"a place for the image of {_hosts(group)}"
            yield _lacking(f"archive {path}", found, expected, "set sandbox_image_archive to another path")
    for path, group in _by_path([need for need in needs if not need.inputs]):
        if path in facts.unreadable:
            found, expected = facts.unreadable[path], f"the image archive of {_hosts(group)}"
            yield _lacking(f"archive {path}", found, expected, "set sandbox_image_archive to its absolute path")
        if path in facts.unfit:
            expected = f"one image for {ARCHITECTURE} with one name, for {_hosts(group)}"
            next_step = "make it of such an image, with `docker save NAME:TAG`"
            yield _lacking(f"archive {path}", facts.unfit[path], expected, next_step)
    for path, group in _by_path([need for need in needs if need.inputs not in ("", UNKNOWN)]):
        if len({need.inputs for need in group}) > 1:
            found = f"different images to be built for {_hosts(group)}"
            yield _lacking(f"archive {path}", found, "one", "give each a sandbox_image_archive of its own")


def _find_unfit_packages(to_build: Collection[ImageNeed], facts: ControllerFacts) -> Iterator[Problem]:
    for package, reason in facts.unpublished.items():
        group = [need for need in to_build if package in need.packages]
        expected = f"it for the image of {_hosts(group)}"
        yield _lacking(
            f"npm package {package}",
            reason,
            expected,
            "name one that npm's registry has, or see why it cannot be asked",
        )
    unfit = {problem for need in to_build for problem in find_unfit(need.packages, need.epoch, facts.published)}
    for problem in sorted(unfit, key=str):
        yield replace(problem, what=f"controller: {problem.what}", spares_working_hosts=True)


def _lacking(what: str, found: str, expected: str, next_step: str) -> Problem:
    """The image's own task refuses as well: a host with all of its level has a note until then."""
    return Problem(f"controller: {what}", found, expected, next_step, spares_working_hosts=True)


def _by_path(needs: Collection[ImageNeed]) -> list[tuple[str, list[ImageNeed]]]:
    groups: dict[str, list[ImageNeed]] = defaultdict(list)
    for need in needs:
        groups[need.path].append(need)
    return sorted(groups.items())


def _hosts(needs: Collection[ImageNeed]) -> str:
    names = sorted({need.host for need in needs})
    more = len(names) - _SHOWN_HOSTS
    return ", ".join(names[:_SHOWN_HOSTS]) + (f" and {more} more" if more > 0 else "")
