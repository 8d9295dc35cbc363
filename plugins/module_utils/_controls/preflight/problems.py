"""Everything that is wrong with a host, before anything on it is changed. Pure: facts in, problems out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..image.descriptor import IMAGE as IMAGE_CONTROL
from ..problem import Found, Problem
from ..searches import SEARCHES, searches_of
from .facts import HostFacts
from .modules import find_problems_in_modules
from .needs import Needs
from .selection import EVERYTHING, Selection, find_misselected, is_selected
from .space import ARCHIVES, COPY, IMAGE, KEPT, PACKAGES, find_problems_in_space

TESTED = {("debian", "13")}
UNTESTED = {("debian", "12"), ("ubuntu", "22.04"), ("ubuntu", "24.04")}
# As the kernel names it: the session's Node, and the filter's numbers, are those of no other.
ARCHITECTURE = "x86_64"
OLDEST_PYTHON = (3, 9)
CONTROLLERS = ("cpu", "memory", "pids")
NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "uts")
NOTHING = Found()
_NAMED = "Debian 12, Ubuntu 22.04 and 24.04"
_ALLOW_UNTESTED = "sandbox_allow_untested"


def find_problems(
    facts: HostFacts, needs: Needs, selection: Selection = EVERYTHING, before: Found = NOTHING
) -> tuple[Problem, ...]:
    """What keeps this host from the level, all of it: with what was found before it was looked at. Level 0 asks for
    nothing of the host but leave to go back.
    """
    found = _find_all(facts, needs, selection, before)
    return tuple(problem for problem in found if not (problem.spares_working_hosts and is_working(facts, needs)))


def is_working(facts: HostFacts, needs: Needs) -> bool:
    """Whether all of the level is applied: a run may have nothing to do."""
    return facts.level >= needs.level and not facts.lacking and not facts.unfinished


def _find_all(facts: HostFacts, needs: Needs, selection: Selection, before: Found) -> Iterator[Problem]:
    yield from before.variables
    if needs.level == 0:
        yield from _in_direction(facts, needs)
        return
    searches = (
        before.controller if is_selected(IMAGE_CONTROL, selection) else (),
        find_misselected(selection, needs.level, facts.applied),
        _in_direction(facts, needs),
        _in_platform(facts, needs),
        _in_kernel(facts),
        _in_disk(facts, needs),
        *(search.problems(facts, needs) for search in searches_of(needs.level) if search.problems),
    )
    yield from (problem for search in searches for problem in search)


def find_notes(facts: HostFacts, needs: Needs, before: Found = NOTHING) -> tuple[str, ...]:
    """What does not keep the host from the level, but should be known."""
    notes = []
    if _is_untested(facts) and needs.flag(_ALLOW_UNTESTED):
        notes.append(f"{facts.distribution.title} is untested; Debian 13 is what the sandbox is made for")
    if facts.lacking and needs.level >= facts.level:
        notes.append(f"this host is at level {facts.level} without {', '.join(facts.lacking)}; this run completes it")
    if facts.unfinished:
        notes.append(f"an earlier run was cut off in {', '.join(facts.unfinished)}; this one finishes it first")
    if is_working(facts, needs):
        found = _find_all(facts, needs, EVERYTHING, before)
        notes.extend(str(problem) for problem in found if problem.spares_working_hosts)
    return (*notes, *(note for search in SEARCHES if search.notes for note in search.notes(facts, needs)))


def _in_direction(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    if needs.level < facts.level and not needs.flag("sandbox_allow_rollback"):
        next_step = "run the playbook rollback.yml, or set sandbox_allow_rollback: true"
        yield Problem("level of this host", str(facts.level), f"at most {needs.level}", next_step)


def _is_untested(facts: HostFacts) -> bool:
    return (facts.distribution.id, facts.distribution.version) in UNTESTED


def _in_platform(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    there = facts.distribution
    if _is_untested(facts):
        if not needs.flag(_ALLOW_UNTESTED):
            next_step = f"use it, or set {_ALLOW_UNTESTED}: true; the sandbox may work there, and nobody has tried"
            yield Problem("distribution", there.title, "Debian 13", next_step, spares_working_hosts=True)
    elif (there.id, there.version) not in TESTED:
        yield Problem("distribution", there.title, "Debian 13", f"use it; {_NAMED} can be allowed, others cannot")
    if facts.architecture != ARCHITECTURE:
        yield Problem("architecture", facts.architecture, f"{ARCHITECTURE} (amd64)", "use such a host")
    if facts.python < OLDEST_PYTHON:
        yield Problem(
            "python", ".".join(map(str, facts.python)), "3.9 or newer", "set ansible_python_interpreter to a newer one"
        )
    if facts.first_process != "systemd":
        yield Problem(
            "process 1", facts.first_process, "systemd", "use a whole machine; the sandbox is made of systemd units"
        )
    if not facts.is_root:
        yield Problem("user", "not root", "root", "set become: true")


def _in_kernel(facts: HostFacts) -> Iterator[Problem]:
    if not facts.is_cgroup_v2:
        next_step = "boot with systemd.unified_cgroup_hierarchy=1"
        yield Problem("cgroups", "version 1 or a mixture", "version 2 alone at /sys/fs/cgroup", next_step)
    elif not facts.controllers.issuperset(CONTROLLERS):
        missing = ", ".join(sorted(set(CONTROLLERS) - facts.controllers))
        yield Problem(
            "cgroup controllers", f"no {missing}", ", ".join(CONTROLLERS), "enable them on the kernel's command line"
        )
    yield from find_problems_in_modules(facts.modules, facts.kernel)
    if not facts.has_seccomp:
        yield Problem("seccomp", "none in the kernel", "seccomp filters", "use Debian's own kernel")
    if not facts.namespaces.issuperset(NAMESPACES):
        missing = ", ".join(sorted(set(NAMESPACES) - facts.namespaces))
        yield Problem("namespaces", f"no {missing}", ", ".join(NAMESPACES), "use Debian's own kernel")


def _in_disk(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    """Room for what this run still brings: on the way to level 2 the image is there three times."""
    brought = []
    if facts.missing_packages:
        brought += [ARCHIVES, PACKAGES]
    if IMAGE_CONTROL.owner.control not in facts.applied:
        brought.append(IMAGE)
    if facts.level < 2 <= needs.level:
        brought += [KEPT, COPY]
    has_docker, all_of_it = facts.docker.version is not None, needs.integer("sandbox_preflight_disk_mib")
    return find_problems_in_space(brought, has_docker, facts.space, all_of_it)


def render_report(problems: Sequence[Problem]) -> str:
    """The one message that a host fails with."""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    lines = [f"{number}. {problem}" for number, problem in enumerate(problems, 1)]
    return "\n".join([f"{count} on this host. Nothing was changed.", *lines])
