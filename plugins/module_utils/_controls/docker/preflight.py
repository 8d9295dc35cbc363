"""What the controls `packages` and `docker` ask of a host. Pure: facts in, problems out."""

from __future__ import annotations

from collections.abc import Iterator

from ..names import DOCKER_SOCKET
from ..preflight.facts import HostFacts
from ..preflight.needs import Needs
from ..problem import Problem
from .start_problems import find_problems_in_start

OLDEST_DOCKER = (20, 10)
# Debian's own, and Docker's own.
DOCKER_PACKAGES = ("docker.io", "docker-ce")
# docker.socket would take its place, and cut it from its clients.
OTHER_DOCKER = Problem(
    DOCKER_SOCKET,
    "a Docker that docker.service does not run",
    "none",
    "remove that Docker, or have docker.service run it",
    spares_working_hosts=True,
)


def find_problems_in_docker(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    docker, packages = facts.docker, needs.names("sandbox_docker_packages")
    if docker.version is not None and docker.version < OLDEST_DOCKER:
        yield Problem("Docker", f"{docker.version[0]}.{docker.version[1]}", "20.10 or newer", "upgrade Docker")
    if docker.silence:
        yield Problem(
            "Docker", docker.silence, "an answer", "look at journalctl -u docker.service; systemctl restart it"
        )
    if docker.has_other:
        yield OTHER_DOCKER
    yield from find_problems_in_start(docker.start, needs.daemon_keys)
    foreign = [name for name in DOCKER_PACKAGES if name in docker.packages and name not in packages]
    wanted = [name for name in DOCKER_PACKAGES if name in packages]
    if foreign and wanted:
        next_step = (
            f"name {foreign[0]} in sandbox_docker_packages instead of {wanted[0]}; what is there is kept and used"
        )
        yield Problem("Docker's package", foreign[0], wanted[0], next_step)


def find_notes_on_docker(facts: HostFacts, needs: Needs) -> Iterator[str]:
    if facts.docker.containers and needs.level == 1 and facts.level == 0:
        yield f"Docker may be restarted once, and with it {', '.join(facts.docker.containers)}"


def find_problems_in_packages(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    """While another is at work on packages there is nothing to judge: the control waits, and looks before it begins."""
    del needs
    if facts.package_holder:
        return
    if facts.broken_packages and not facts.unfinished:
        found = f"half done: {', '.join(facts.broken_packages)}"
        # Ours to mind only where something is to be installed; the control refuses it then.
        yield Problem("dpkg", found, "nothing half done", "run dpkg --configure -a", spares_working_hosts=True)
    if facts.apt_refusal:
        next_step = "mend /etc/apt until apt-cache policy says no more of it"
        yield Problem("apt", facts.apt_refusal, "sources that it reads", next_step, spares_working_hosts=True)
    elif facts.has_package_lists:
        yield from _find_unavailable(facts)


def _find_unavailable(facts: HostFacts) -> Iterator[Problem]:
    for name in facts.missing_packages:
        if name not in facts.candidates:
            next_step = "run apt-get update, or add the source"
            yield Problem(f"package {name}", "in no package source", "available", next_step)
        elif facts.candidates[name] is None:
            next_step = f"a pin in /etc/apt/preferences or preferences.d may keep it out; see apt-cache policy {name}"
            yield Problem(f"package {name}", "no candidate among the versions that apt knows", "one", next_step)


def find_notes_on_packages(facts: HostFacts, needs: Needs) -> Iterator[str]:
    """Of no use to a host that goes down: nothing is installed there."""
    holder = facts.package_holder
    if holder and needs.level:
        yield (
            f"{holder} is at work on packages, by its lock on {holder.path}; where something has to be installed, "
            f"it is waited for, {needs.integer('sandbox_packages_lock_wait')} s at most (sandbox_packages_lock_wait)"
        )
