"""Facts in, problems out. Each case changes one thing on a host that has none."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.docker.start import StartFacts
from ansible_collections.ably.sandbox.plugins.module_utils._controls.kernel.items import NOTHING
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.facts import DockerFacts, HostFacts
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.modules import MODULES, ModuleFacts
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.needs import Needs
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.problems import (
    CONTROLLERS,
    NAMESPACES,
    find_notes,
    find_problems,
    render_report,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.space import (
    ARCHIVES,
    COPY,
    IMAGE,
    KEPT,
    PACKAGES,
    Space,
)
from ansible_collections.ably.sandbox.plugins.module_utils._formats.dpkg import LockHolder
from ansible_collections.ably.sandbox.plugins.module_utils._formats.os_release import Distribution
from ansible_collections.ably.sandbox.plugins.module_utils._formats.proc_net import Listener, Route
from ansible_collections.ably.sandbox.plugins.module_utils._formats.subids import IdRange
from ansible_collections.ably.sandbox.tests.unit.needs import make_needs


def space(free_bytes: int, free_inodes: int | None = None) -> dict[str, list[Space]]:
    """One file system for all."""
    folders = {ARCHIVES: "/apt", PACKAGES: "/usr", IMAGE: "/docker", KEPT: "/kept", COPY: "/docker"}
    return {what: [Space(folder, 1, free_bytes, free_inodes)] for what, folder in folders.items()}


THERE = ModuleFacts(there=("nf_tables", "bridge"), loadable=tuple(MODULES[1:]))
NOT_THERE = tuple(name for name in MODULES if name not in THERE.there)
WITHOUT_VETH = tuple(name for name in MODULES if name != "veth")
FACTS = HostFacts(
    distribution=Distribution("debian", "13", "Debian GNU/Linux 13 (trixie)"),
    architecture="x86_64",
    kernel="6.12.1",
    python=(3, 13),
    first_process="systemd",
    is_root=True,
    is_cgroup_v2=True,
    controllers=frozenset({*CONTROLLERS, "io"}),
    modules=THERE,
    has_seccomp=True,
    namespaces=frozenset({*NAMESPACES, "user"}),
    user_namespaces=1000,
    has_apparmor=True,
    docker=DockerFacts(),
    routes=(Route(IPv4Network("0.0.0.0/0"), "eth0"), Route(IPv4Network("192.0.2.0/24"), "eth0")),
    listeners=(),
    space=space(10 << 30),
    missing_packages=("haproxy", "docker.io"),
    candidates={"haproxy": "3.0", "docker.io": "26.1"},
    has_package_lists=True,
    broken_packages=(),
    ids=(IdRange("/etc/passwd", "root", 0), IdRange("/etc/subuid", "admin", 100000, 65536)),
)
APT = "E: Conflicting values set for option Signed-By"
HOLDER = LockHolder("/var/lib/dpkg/lock-frontend", 4127, "unattended-upgrade")
USED = replace(NOTHING, uses={"ipsec": ("module esp4 has 2 users",)})
NEEDS = make_needs()
LEVEL_2 = make_needs(level=2)
RUNNING = DockerFacts(version=(26, 1), packages=("docker.io",), is_running=True)


def said(facts: HostFacts, needs: Needs = NEEDS) -> list[str]:
    return [str(problem) for problem in find_problems(facts, needs)]


def test_a_fit_host_has_no_problems() -> None:
    assert said(FACTS) == []
    assert find_notes(FACTS, NEEDS) == ()
    assert said(FACTS, make_needs(level=2)) == []


CASES: list[tuple[dict[str, Any], str]] = [
    ({"python": (3, 8)}, "python: found 3.8, expected 3.9 or newer"),
    ({"first_process": "tini"}, "process 1: found tini, expected systemd"),
    ({"is_root": False}, "user: found not root"),
    ({"is_cgroup_v2": False}, "cgroups: found version 1"),
    ({"controllers": frozenset({"cpu"})}, "cgroup controllers: found no memory, pids"),
    ({"modules": ModuleFacts(loadable=WITHOUT_VETH)}, "kernel modules: found no veth"),
    (
        {"modules": ModuleFacts(WITHOUT_VETH, has_folder=False)},
        "modules of kernel 6.12.1: found no folder, and a kernel without veth",
    ),
    (
        {"modules": ModuleFacts(WITHOUT_VETH, has_folder=False, has_configuration=False)},
        "modules of kernel 6.12.1: found no folder, and nothing that says whether veth is part of the kernel",
    ),
    (
        {"modules": replace(THERE, is_sealed=True)},
        f"kernel modules: found no {', '.join(NOT_THERE)}, and kernel.modules_disabled is 1",
    ),
    (
        {"modules": replace(THERE, closed={"overlay": "`install overlay /bin/false` in /etc/modprobe.d/cis.conf"})},
        "kernel module overlay: found `install overlay /bin/false` in /etc/modprobe.d/cis.conf, expected that it can",
    ),
    ({"has_seccomp": False}, "seccomp: found none"),
    ({"namespaces": frozenset({"mnt", "net", "pid", "ipc", "uts"})}, "namespaces: found no cgroup"),
    ({"docker": DockerFacts(version=(19, 3))}, "Docker: found 19.3, expected 20.10 or newer"),
    ({"docker": DockerFacts(start=StartFacts(flags=("--live-restore",)))}, "dockerd's command line: found --live-re"),
    ({"docker": replace(RUNNING, silence="docker: no answer")}, "Docker: found docker: no answer, expected an answer"),
    ({"docker": DockerFacts(has_other=True)}, "/run/docker.sock: found a Docker that docker.service does not run, exp"),
    ({"docker": DockerFacts(packages=("docker-ce",))}, "Docker's package: found docker-ce, expected docker.io"),
    ({"broken_packages": ("libc6",)}, "dpkg: found half done: libc6"),
    ({"candidates": {"haproxy": "3"}}, "package docker.io: found in no package source"),
    (
        {"candidates": {"haproxy": None}, "missing_packages": ("haproxy",)},
        "package haproxy: found no candidate among the versions that apt knows, expected one; a pin in /etc/apt/prefer",
    ),
    ({"candidates": {}, "apt_refusal": APT}, f"apt: found {APT}, expected sources that it reads; mend /etc/apt until"),
    ({"routes": (Route(IPv4Network("10.0.0.0/8"), "wg0"),)}, "range 10.213.0.0/24: found a route to 10.0.0.0/8 by wg0"),
    (
        {"docker": replace(RUNNING, networks={"web": ("fd00::/64", "10.213.0.0/16")})},
        "range 10.213.0.0/24: found Docker's network web has 10.213.0.0/16",
    ),
    (
        {"docker": replace(RUNNING, networks={"ably-sandbox": ("10.213.0.0/24",)})},
        "range 10.213.0.0/24: found Docker's network ably-sandbox has 10.213.0.0/24",
    ),
    ({"listeners": (Listener("udp", "0.0.0.0", 53, 1, "named"),)}, "port 53/udp: found named listens on every address"),
    ({"listeners": (Listener("tcp6", "::", 443, 1),)}, "port 443/tcp: found a program listens on every address"),
    (
        {"ids": (IdRange("/etc/passwd", "eve", 60615),)},
        "session ids 60600 to 60615: found eve has 60615 in /etc/passwd",
    ),
    ({"ids": (IdRange("/etc/group", "eve", 60591),)}, "id 60591 of the group ably-sandbox: found eve has 60591"),
    ({"ids": (IdRange("/etc/subgid", "eve", 60000, 592),)}, "id 60591 of the group ably-sandbox: found eve has 60000"),
    ({"ids": (IdRange("/etc/subgid", "eve", 60610, 10),)}, "session ids 60600 to 60615: found eve has 60610 to 60619"),
    ({"kernel_items": USED}, "kernel item ipsec: found module esp4 has 2 users, expected nothing on this host"),
    (
        {"docker": replace(RUNNING, beside_sessions=("web",)), "has_docker_network": True},
        "Docker's network ably-sandbox, made by release 0.1.0: found containers web on it, expected none but sessions",
    ),
    ({"gateway_kind": "no bridge"}, "interface ably-gateway: found one that is no bridge, expected none"),
]


@pytest.mark.parametrize(("changes", "expected"), CASES)
def test_one_thing_is_wrong(changes: dict[str, Any], expected: str) -> None:
    found = said(replace(FACTS, **changes))
    assert len(found) == 1
    assert found[0].startswith(expected)


FINE: list[dict[str, Any]] = [
    {
        "listeners": (
            Listener("tcp", "127.0.0.1", 53, 1),
            Listener("udp", "0.0.0.0", 443, 1),
            Listener("tcp", "::", 80, 1),
        )
    },
    {"routes": (Route(IPv4Network("10.213.0.0/24"), "ably-sandbox0"),)},
    {"docker": replace(RUNNING, networks={"ably-sandbox": ("10.213.0.0/24",)}), "has_docker_network": True},
    {"docker": DockerFacts(start=StartFacts(flags=("-H", "fd://", "--containerd=/run/containerd/containerd.sock")))},
    {"candidates": {}, "has_package_lists": False},
    {"candidates": {}, "missing_packages": ()},
    {"broken_packages": ("docker.io",), "unfinished": ("packages (phase 1)",)},
    {"broken_packages": ("docker.io",), "candidates": {}, "package_holder": HOLDER},
    {"ids": (IdRange("/etc/passwd", "eve", 60616), IdRange("/etc/group", "eve", 60598))},
    {"ids": (IdRange("/etc/passwd", "eve", 60591), IdRange("/etc/group", "ably-sandbox", 60591))},
    {"ids": (IdRange("/etc/passwd", "ably-sandbox-proxy", 60599),)},
    {"modules": ModuleFacts(MODULES, has_folder=False, has_configuration=False, is_sealed=True)},
    {"modules": replace(THERE, closed={"bridge": "`blacklist bridge` in /etc/modprobe.d/x.conf"})},
    {"has_apparmor": False},
]


@pytest.mark.parametrize("changes", FINE)
def test_what_is_ours_or_harmless_is_no_problem(changes: dict[str, Any]) -> None:
    assert said(replace(FACTS, **changes)) == []


@pytest.mark.parametrize(
    ("changes", "needs", "expected"),
    [
        ({"has_apparmor": False}, LEVEL_2, "AppArmor: found off"),
        ({"user_namespaces": 0}, LEVEL_2, "user namespaces: found none"),
        ({"docker": replace(RUNNING, containers=("web",))}, LEVEL_2, "others' containers: found web"),
        ({"docker": replace(RUNNING, remapped_to="default")}, LEVEL_2, "daemon.json: userns-remap: found 'default'"),
        ({"docker": replace(RUNNING, remapped_to="")}, LEVEL_2, "daemon.json: userns-remap: found ''"),
        (
            {},
            make_needs(level=2, userns_uid=60601),
            "id 60601 of ably-sandbox-remap: found a session's or the gateway's",
        ),
        (
            {},
            make_needs(level=2, userns_uid=60599),
            "id 60599 of ably-sandbox-remap: found a session's or the gateway's",
        ),
        ({"malformed_ids": ("/etc/subuid line 3: 'x'",)}, LEVEL_2, "subordinate ids: found /etc/subuid line 3: 'x'"),
        (
            {"ids": (IdRange("/etc/subgid", "eve", 1879048000, 65536),)},
            LEVEL_2,
            "subordinate ids 1879048192 to 1879113727: found eve",
        ),
        ({"ids": (IdRange("/etc/passwd", "eve", 60598),)}, LEVEL_2, "id 60598 of ably-sandbox-remap: found eve's"),
        ({}, make_needs(egress_proxy_uid=60601), "gateway's id 60601: found one of the sessions' ids"),
        ({}, make_needs(container_gid=60601), "id 60601 of the group ably-sandbox: found a session's or the gateway's"),
        ({"ids": (IdRange("/etc/group", "eve", 60599),)}, NEEDS, "gateway's id 60599: found eve has 60599"),
    ],
)
def test_what_depends_on_the_needs(changes: dict[str, Any], needs: Needs, expected: str) -> None:
    found = said(replace(FACTS, **changes), needs)
    assert len(found) == 1
    assert found[0].startswith(expected)


def test_what_is_ours_at_level_2_is_no_problem() -> None:
    ids = (IdRange("/etc/subuid", "ably-sandbox-remap", 1879048192, 65536), IdRange("/etc/group", "other", 60597))
    assert said(replace(FACTS, ids=ids, docker=replace(RUNNING, remapped_to="ably-sandbox-remap")), LEVEL_2) == []


def test_what_docker_hides_is_said_beforehand() -> None:
    notes = find_notes(replace(FACTS, docker=replace(RUNNING, version=(29, 0))), LEVEL_2)
    assert any("out of sight until the host is rolled back" in note for note in notes)
    assert any("image store" in note for note in notes)
    assert not any("image store" in note for note in find_notes(replace(FACTS, docker=RUNNING), LEVEL_2))


def test_others_containers_are_no_problem_when_that_is_said_or_done() -> None:
    facts = replace(FACTS, docker=replace(RUNNING, containers=("web",)))
    assert said(facts, make_needs(level=2, preflight_allow_containers=True)) == []
    assert said(replace(facts, level=2), make_needs(level=2)) == []


@pytest.mark.parametrize("level", [0, 1])
def test_going_down_is_refused_unless_it_is_asked_for(level: int) -> None:
    facts = replace(FACTS, level=level + 1)
    (problem,) = find_problems(facts, make_needs(level=level))
    assert str(problem).startswith(f"level of this host: found {level + 1}, expected at most {level}")
    assert said(facts, make_needs(level=level, allow_rollback=True)) == []


def test_level_0_asks_for_nothing() -> None:
    facts = replace(FACTS, has_seccomp=False, space=space(0), apt_refusal=APT)
    assert said(facts, make_needs(level=0)) == []
    assert not any(APT in note for note in find_notes(facts, make_needs(level=0)))


def test_all_problems_come_in_one_report() -> None:
    report = render_report(find_problems(replace(FACTS, space=space(0), is_root=False), NEEDS))
    assert report.splitlines()[0] == "2 problems on this host. Nothing was changed."
    assert [line[:2] for line in report.splitlines()[1:]] == ["1.", "2."]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"has_apparmor": False}, "AppArmor is off"),
        ({"docker": replace(RUNNING, containers=("web",))}, "Docker may be restarted once, and with it web"),
        ({"unfinished": ("egress (phase 1)",)}, "an earlier run was cut off in egress (phase 1)"),
    ],
)
def test_what_should_be_known_is_a_note(changes: dict[str, Any], expected: str) -> None:
    notes = find_notes(replace(FACTS, **changes), NEEDS)
    assert len(notes) == 1
    assert notes[0].startswith(expected)


def test_another_at_work_on_packages_is_told_with_its_name() -> None:
    (note,) = find_notes(replace(FACTS, broken_packages=("libc6",), package_holder=HOLDER), NEEDS)
    assert note == (
        "process 4127 (unattended-upgrade) is at work on packages, by its lock on /var/lib/dpkg/lock-frontend; "
        "where something has to be installed, it is waited for, 600 s at most (sandbox_packages_lock_wait)"
    )
    assert find_notes(replace(FACTS, package_holder=HOLDER), make_needs(level=0)) == ()


def test_a_host_that_works_is_told_of_a_package_that_is_half_done() -> None:
    facts = replace(FACTS, level=1, broken_packages=("some-tool",))
    assert said(facts) == []
    assert "dpkg: found half done: some-tool, expected nothing half done; run dpkg --configure -a" in find_notes(
        facts, NEEDS
    )
    assert said(replace(facts, level=0)) != []
