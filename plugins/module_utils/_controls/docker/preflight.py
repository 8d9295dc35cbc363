"""What the controls `packages` and `docker` ask of a host. Pure: facts in, problems out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..preflight.facts import HostFacts
from ..preflight.needs import Needs
from ..problem import Problem
from .control import DAEMON_JSON

OLDEST_DOCKER = (20, 10)
# Debian's own, and Docker's own.
DOCKER_PACKAGES = ("docker.io", "docker-ce")
# Where a key of daemon.json and the flag of the same meaning are spelt differently. From dockerd's own conflict check.
_FLAG_OF = {
    "hosts": "host",
    "dns-opts": "dns-opt",
    "exec-opts": "exec-opt",
    "log-opts": "log-opt",
    "storage-opts": "storage-opt",
    "labels": "label",
    "runtimes": "add-runtime",
    "default-ulimits": "default-ulimit",
    "default-address-pools": "default-address-pool",
    "registry-mirrors": "registry-mirror",
    "insecure-registries": "insecure-registry",
    "authorization-plugins": "authorization-plugin",
}
_SHORT_FLAGS = {
    "-H": "host",
    "-D": "debug",
    "-G": "group",
    "-b": "bridge",
    "-g": "data-root",
    "-l": "log-level",
    "-s": "storage-driver",
}


def find_problems_in_docker(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    docker, packages = facts.docker, needs.names("sandbox_docker_packages")
    if docker.version is not None and docker.version < OLDEST_DOCKER:
        yield Problem("Docker", f"{docker.version[0]}.{docker.version[1]}", "20.10 or newer", "upgrade Docker")
    if docker.config_error:
        next_step = "mend it; Docker cannot start with it either"
        yield Problem(DAEMON_JSON, docker.config_error, "a JSON object", next_step)
    for key in find_flag_conflicts(docker.flags, needs.daemon_keys):
        yield Problem(
            "dockerd's command line",
            f"--{_FLAG_OF.get(key, key)}",
            f"{key} in daemon.json alone",
            "take the flag out of docker.service and /etc/default/docker; Docker does not start with both",
        )
    foreign = [name for name in DOCKER_PACKAGES if name in docker.packages and name not in packages]
    wanted = [name for name in DOCKER_PACKAGES if name in packages]
    if foreign and wanted:
        next_step = (
            f"name {foreign[0]} in sandbox_docker_packages instead of {wanted[0]}; what is there is kept and used"
        )
        yield Problem("Docker's package", foreign[0], wanted[0], next_step)


def find_flag_conflicts(flags: Sequence[str], keys: Sequence[str]) -> tuple[str, ...]:
    """Keys of daemon.json that stand on dockerd's command line as well."""
    given = {
        _SHORT_FLAGS.get(flag[:2], "") if flag[:2] in _SHORT_FLAGS else flag.lstrip("-").split("=")[0] for flag in flags
    }
    return tuple(key for key in keys if _FLAG_OF.get(key, key) in given)


def find_notes_on_docker(facts: HostFacts, needs: Needs) -> Iterator[str]:
    if facts.docker.containers and needs.level == 1 and facts.level == 0:
        yield f"Docker may be restarted once, and with it {', '.join(facts.docker.containers)}"


def find_problems_in_packages(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    """While another is at work on packages there is nothing to judge: the control waits, and looks before it begins."""
    if facts.package_holder:
        return
    if facts.broken_packages and not facts.unfinished:
        found = f"half done: {', '.join(facts.broken_packages)}"
        # Ours to mind only where something is to be installed; the control refuses it then.
        yield Problem("dpkg", found, "nothing half done", "run dpkg --configure -a", spares_working_hosts=True)
    for name in needs.names("sandbox_docker_packages") if facts.has_package_lists else ():
        policy = facts.policies.get(name)
        if policy is None or (policy.installed is None and policy.candidate is None):
            next_step = "run apt-get update, or add the source"
            yield Problem(f"package {name}", "in no package source", "available", next_step)


def find_notes_on_packages(facts: HostFacts, needs: Needs) -> Iterator[str]:
    """Of no use to a host that goes down: nothing is installed there."""
    holder = facts.package_holder
    if holder and needs.level:
        yield (
            f"{holder} is at work on packages, by its lock on {holder.path}; where something has to be installed, "
            f"it is waited for, {needs.integer('sandbox_packages_lock_wait')} s at most (sandbox_packages_lock_wait)"
        )
