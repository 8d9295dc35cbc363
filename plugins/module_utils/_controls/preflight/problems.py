"""Everything that is wrong with a host, before anything on it is changed. Pure: facts in, problems out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network

from ..._formats.proc_net import Listener
from ..container.control import GROUP
from ..egress.link import BRIDGE
from ..egress.policy import DOCKER_BRIDGE, DOCKER_NETWORK
from ..egress.units import PROXY_USER
from ..kernel.items import describe_gaps
from ..kernel.preflight import find_problems_in_items
from ..userns.preflight import find_notes_of_level_2, find_problems_of_level_2
from .facts import HostFacts
from .needs import Needs, Problem

TESTED = {("debian", "13")}
UNTESTED = {("debian", "12"), ("ubuntu", "22.04"), ("ubuntu", "24.04")}
OLDEST_PYTHON = (3, 9)
OLDEST_DOCKER = (20, 10)
CONTROLLERS = ("cpu", "memory", "pids")
NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "uts")
# What the containers' network and the filter in front of it need of the kernel.
MODULES = ("nf_tables", "nft_ct", "nft_limit", "nft_log", "bridge", "veth", "overlay")
GATEWAY_PORTS = {"tcp": (53, 443), "udp": (53,)}
# Debian's own, and Docker's own.
DOCKER_PACKAGES = ("docker.io", "docker-ce")
_MIB = 1024 * 1024
# Where the id of a group can be somebody else's.
_GROUP_TABLES = ("/etc/group", "/etc/subgid")
_OWN_BRIDGES = (BRIDGE, DOCKER_BRIDGE)
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


def find_problems(facts: HostFacts, needs: Needs) -> tuple[Problem, ...]:
    """What keeps this host from the level, all of it. Level 0 asks for nothing but leave to go back."""
    if needs.level == 0:
        return tuple(_in_direction(facts, needs))
    searches = (
        _in_direction(facts, needs),
        _in_platform(facts),
        _in_kernel(facts),
        _in_docker(facts, needs),
        _in_packages(facts, needs),
        _in_network(facts, needs),
        _in_ids(facts, needs),
        _in_disk(facts, needs),
        find_problems_in_items(facts.kernel_items, facts.closed_items, needs.kernel_left_out, needs.kernel_confirmed),
        find_problems_of_level_2(facts, needs),
    )
    return tuple(problem for search in searches for problem in search)


def find_notes(facts: HostFacts, needs: Needs) -> tuple[str, ...]:
    """What does not keep the host from the level, but should be known."""
    notes = []
    if (facts.distribution.id, facts.distribution.version) in UNTESTED:
        notes.append(f"{facts.distribution.title} is untested; Debian 13 is what the sandbox is made for")
    if not facts.has_apparmor and needs.level < 2:
        notes.append("AppArmor is off in the kernel; level 2 will need it (kernel command line: apparmor=1)")
    if facts.docker.containers and needs.level == 1 and facts.level == 0:
        notes.append(f"Docker may be restarted once, and with it {', '.join(facts.docker.containers)}")
    if facts.lacking and needs.level >= facts.level:
        notes.append(f"this host is at level {facts.level} without {', '.join(facts.lacking)}; this run completes it")
    if facts.unfinished:
        notes.append(f"an earlier run was cut off in {', '.join(facts.unfinished)}; this one finishes it first")
    if needs.level >= 1:
        notes += [f"kernel item {gap}" for gap in describe_gaps(needs.kernel_left_out, facts.kernel_items)]
    return (*notes, *find_notes_of_level_2(facts, needs))


def _in_direction(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    if needs.level < facts.level and not needs.allow_rollback:
        next_step = "run the playbook rollback.yml, or set sandbox_allow_rollback: true"
        yield Problem("level of this host", str(facts.level), f"at most {needs.level}", next_step)


def _in_platform(facts: HostFacts) -> Iterator[Problem]:
    there = facts.distribution
    if (there.id, there.version) not in TESTED | UNTESTED:
        yield Problem(
            "distribution",
            there.title,
            "Debian 13",
            "use it; Debian 12, Ubuntu 22.04 and 24.04 are let in untested",
        )
    if facts.python < OLDEST_PYTHON:
        yield Problem("python", _dotted(facts.python), "3.9 or newer", "set ansible_python_interpreter to a newer one")
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
    if not facts.has_modules_folder and facts.missing_modules:
        next_step = "reboot into the installed kernel"
        yield Problem(f"modules of kernel {facts.kernel}", "no folder", "the running kernel's modules", next_step)
    elif facts.missing_modules:
        names = ", ".join(facts.missing_modules)
        yield Problem("kernel modules", f"no {names}", ", ".join(MODULES), "use Debian's own kernel")
    if not facts.has_seccomp:
        yield Problem("seccomp", "none in the kernel", "seccomp filters", "use Debian's own kernel")
    if not facts.namespaces.issuperset(NAMESPACES):
        missing = ", ".join(sorted(set(NAMESPACES) - facts.namespaces))
        yield Problem("namespaces", f"no {missing}", ", ".join(NAMESPACES), "use Debian's own kernel")


def _in_docker(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    docker = facts.docker
    if docker.version is not None and docker.version < OLDEST_DOCKER:
        yield Problem("Docker", _dotted(docker.version), "20.10 or newer", "upgrade Docker")
    if docker.config_error:
        yield Problem(
            "/etc/docker/daemon.json",
            docker.config_error,
            "a JSON object",
            "mend it; Docker cannot start with it either",
        )
    for key in find_flag_conflicts(docker.flags, needs.daemon_keys):
        yield Problem(
            "dockerd's command line",
            f"--{_FLAG_OF.get(key, key)}",
            f"{key} in daemon.json alone",
            "take the flag out of docker.service and /etc/default/docker; Docker does not start with both",
        )
    foreign = [name for name in DOCKER_PACKAGES if name in docker.packages and name not in needs.packages]
    wanted = [name for name in DOCKER_PACKAGES if name in needs.packages]
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


def _in_packages(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    if facts.broken_packages and not facts.unfinished:
        yield Problem(
            "dpkg", f"half done: {', '.join(facts.broken_packages)}", "nothing half done", "run dpkg --configure -a"
        )
    if not facts.has_package_lists:
        return
    for name in needs.packages:
        policy = facts.policies.get(name)
        if policy is None or (policy.installed is None and policy.candidate is None):
            yield Problem(
                f"package {name}", "in no package source", "available", "run apt-get update, or add the source"
            )


def _in_network(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    variable = "choose another range in sandbox_egress_subnet"
    for route in facts.routes:
        if route.device not in _OWN_BRIDGES and route.network.prefixlen and route.network.overlaps(needs.subnet):
            yield Problem(
                f"range {needs.subnet}", f"a route to {route.network} by {route.device}", "a free range", variable
            )
    for name, subnets in facts.docker.networks.items():
        for subnet in subnets:
            if name != DOCKER_NETWORK and ":" not in subnet and IPv4Network(subnet).overlaps(needs.subnet):
                yield Problem(
                    f"range {needs.subnet}", f"Docker's network {name} has {subnet}", "a free range", variable
                )
    yield from _in_place_of_ours(facts)
    for listener in facts.listeners:
        if takes_gateway(listener):
            yield Problem(
                f"port {listener.port}/{listener.protocol[:3]}",
                f"{listener.program or 'a program'} listens on every address",
                "free on the gateway's address",
                f"bind {listener.program or 'it'} to the addresses that it is meant for",
            )


def _in_place_of_ours(facts: HostFacts) -> Iterator[Problem]:
    """What would keep the sessions' bridge from being made, or release 0.1.0's network from being replaced by it."""
    if facts.has_docker_network and facts.docker.sessions:
        yield Problem(
            "sessions' network, made by release 0.1.0",
            f"open sessions {', '.join(facts.docker.sessions)}",
            "none, because it is replaced",
            "wait for their end, or end them: systemctl stop 'ably-sandbox-session@*'",
        )
    if facts.has_docker_network and facts.docker.beside_sessions:
        yield Problem(
            f"Docker's network {DOCKER_NETWORK}, made by release 0.1.0",
            f"containers {', '.join(facts.docker.beside_sessions)} on it",
            "none but sessions, because it is replaced",
            "disconnect them, or stop them",
        )
    if facts.gateway_kind not in ("", "bridge"):
        yield Problem(f"interface {BRIDGE}", "one that is no bridge", "none of this name", "remove it, or rename it")


def takes_gateway(listener: Listener) -> bool:
    """A socket on every address also takes the gateway's, which does not exist yet when it is bound."""
    return listener.is_wildcard and listener.port in GATEWAY_PORTS[listener.protocol[:3]]


def _in_ids(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    last = needs.uid_base + needs.sessions - 1
    if needs.uid_base <= needs.proxy_uid <= last:
        next_step = "choose another sandbox_egress_proxy_uid"
        yield Problem(f"gateway's id {needs.proxy_uid}", "one of the sessions' ids", "an id of its own", next_step)
    for taken in facts.ids:
        if taken.overlaps(needs.proxy_uid, 1) and taken.name != PROXY_USER:
            next_step = "choose another sandbox_egress_proxy_uid"
            yield Problem(f"gateway's id {needs.proxy_uid}", str(taken), "an id of nobody", next_step)
        if taken.overlaps(needs.uid_base, needs.sessions):
            what, next_step = f"session ids {needs.uid_base} to {last}", "choose another sandbox_container_uid_base"
            yield Problem(what, str(taken), "ids of nobody", next_step)
    yield from _in_gid(facts, needs)


def _in_gid(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    """The group that opens sessions: whoever has its id may open them, and a session must not."""
    what, next_step = f"id {needs.gid} of the group {GROUP}", "choose another sandbox_container_gid"
    if needs.gid in [*range(needs.uid_base, needs.uid_base + needs.sessions), needs.proxy_uid]:
        yield Problem(what, "a session's or the gateway's", "an id of its own", next_step)
    for taken in facts.ids:
        if taken.path in _GROUP_TABLES and taken.overlaps(needs.gid, 1) and taken.name != GROUP:
            yield Problem(what, str(taken), "an id of nobody", next_step)


def _in_disk(facts: HostFacts, needs: Needs) -> Iterator[Problem]:
    """A host at level 1 has its packages and its image; on the way to level 2 the image is there three times."""
    is_there = facts.level >= min(needs.level, 2)
    wanted = needs.disk_mib if facts.level == 0 else needs.disk_mib // (8 if is_there else 2)
    if facts.free_bytes < wanted * _MIB:
        yield Problem("disk space in /var/lib", f"{facts.free_bytes // _MIB} MiB", f"{wanted} MiB", "make room")


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def render_report(problems: Sequence[Problem]) -> str:
    """The one message that a host fails with."""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    lines = [f"{number}. {problem}" for number, problem in enumerate(problems, 1)]
    return "\n".join([f"{count} on this host. Nothing was changed.", *lines])
