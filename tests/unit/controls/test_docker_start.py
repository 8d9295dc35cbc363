"""How Docker would start next: facts in, problems out. What dockerd says was recorded with Debian's 26.1.5."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.docker.control import choose_units
from ansible_collections.ably.sandbox.plugins.module_utils._controls.docker.start import (
    Configuration,
    RunningDocker,
    StartFacts,
    clean_refusal,
    is_our_socket,
    merge,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.docker.start_problems import find_problems_in_start
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.facts import DockerFacts
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.problems import find_notes, find_problems
from ansible_collections.ably.sandbox.plugins.module_utils._formats.daemon_oddities import find_oddity
from ansible_collections.ably.sandbox.plugins.module_utils._formats.systemd import UnitStatus
from ansible_collections.ably.sandbox.tests.unit.controls.test_preflight import FACTS
from ansible_collections.ably.sandbox.tests.unit.needs import make_needs

DEBIANS = ("-H", "fd://", "--containerd=/run/containerd/containerd.sock")
FIT = StartFacts((26, 1), DEBIANS, is_validated=True, running=RunningDocker())
ASKED = {"live-restore": True, "no-new-privileges": True}
REMAP = {"userns-remap": "ably-sandbox-remap"}
UNKNOWN = "the following directives don't match any configuration option: graph"
NO_BOOL = "json: cannot unmarshal string into Go struct field Config.CommonConfig.ipv6 of type bool"
WITHOUT_US = "Docker would not start with this file, also without us"
CGROUPFS = {"exec-opts": ["native.cgroupdriver=cgroupfs"]}


def said(start: StartFacts, asked: dict[str, Any] | None = None) -> list[str]:
    return [str(problem) for problem in find_problems_in_start(start, ASKED if asked is None else asked)]


def with_flags(*flags: str, **facts: Any) -> StartFacts:
    return replace(FIT, flags=(*DEBIANS, *flags), **facts)


@pytest.mark.parametrize(
    "start",
    [
        FIT,
        StartFacts(),
        replace(FIT, values={"live-restore": None, "log-opts": {"max-size": "1m"}}),
        with_flags("--add-runtime=x=/usr/bin/runc", values={"runtimes": {"x": {"path": "/usr/bin/crun"}}}),
        with_flags("--data-root=/data/docker", data_root="/data/docker", running=RunningDocker("/data/docker")),
        with_flags("--data-root=/data/docker", data_root="/data/docker", running=RunningDocker(is_empty=True)),
        replace(FIT, flags=(), values={"hosts": ["unix:///var/run/docker.sock", "tcp://127.0.0.1:2375"]}),
        replace(FIT, values={"default-runtime": "x", "runtimes": {"x": {"path": "/usr/bin/crun"}}}),
        replace(FIT, values={"userns-remap": "default"}, running=RunningDocker(is_remapped=True)),
        replace(FIT, values={"default-runtime": "", "storage-driver": "", "data-root": "", "cgroup-parent": ""}),
        with_flags("--data-root=/data/docker", values={"graph": ""}, data_root="/x", running=RunningDocker("/x")),
    ],
)
def test_a_docker_that_starts_as_it_is(start: StartFacts) -> None:
    assert said(start) == []


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (
            replace(FIT, values={"hosts": ["unix:///var/run/docker.sock"]}, refused="hosts: (from flag: [fd://], …)"),
            (
                f"/etc/docker/daemon.json: found hosts, and --host on dockerd's command line, expected one of the two; "
                f"mend it: {WITHOUT_US}"
            ),
        ),
        (replace(FIT, values={"graph": "/x"}, refused=UNKNOWN), f"/etc/docker/daemon.json: found {UNKNOWN}, expected"),
        (replace(FIT, values={"ipv6": "true"}, refused=NO_BOOL), f"/etc/docker/daemon.json: found {NO_BOOL}, expected"),
        (
            StartFacts((20, 10), DEBIANS, values={"bip6": "fd00::/64"}),
            "/etc/docker/daemon.json: found bip6, a key that Docker does not know",
        ),
        (StartFacts(None, DEBIANS, values={"ipv6": "true"}), '/etc/docker/daemon.json: found ipv6: "true", not true'),
        (
            StartFacts((20, 10), DEBIANS, values={"default-address-pools": True}),
            "/etc/docker/daemon.json: found default-address-pools: true, not a list",
        ),
        (
            with_flags(refused="unknown flag: --nosuchflag"),
            "dockerd's command line: found unknown flag: --nosuchflag, expected what Docker starts with; mend docker.s",
        ),
    ],
)
def test_a_file_with_which_docker_would_not_start_without_us(start: StartFacts, expected: str) -> None:
    (found,) = said(start)
    assert found.startswith(expected)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (replace(FIT, values=CGROUPFS), "Docker's cgroup driver: found native.cgroupdriver=cgroupfs, expected systemd"),
        (with_flags("--exec-opt", "native.cgroupdriver=cgroupfs"), "Docker's cgroup driver: found native.cgroupdriver"),
        (
            replace(FIT, running=RunningDocker(cgroup_driver="cgroupfs")),
            "Docker's cgroup driver: found cgroupfs in the Docker that runs, expected systemd, as it is configured; re",
        ),
        (
            with_flags("--live-restore"),
            "dockerd's command line: found --live-restore, expected live-restore in daemon.",
        ),
        (with_flags("--config-file=/etc/d.json"), "dockerd's command line: found --config-file /etc/d.json, expected "),
        (
            replace(FIT, flags=("-H", "tcp://127.0.0.1:2375"), running=None),
            "Docker's sockets: found tcp://127.0.0.1:2375, expected unix:///run/docker.sock among them; add -H fd://",
        ),
        (replace(FIT, unknown_flags="/opt/start-docker"), "dockerd's command line: found /opt/start-docker, expected"),
        (replace(FIT, in_swarm=True), "/etc/docker/daemon.json: live-restore: found true on a node of a swarm, expect"),
        (
            with_flags("--data-root=/data/docker", data_root="/data/docker"),
            "Docker's data root: found /var/lib/docker, and /data/docker from its next start on, expected the same; r",
        ),
        (
            replace(FIT, running=RunningDocker(is_remapped=True)),
            "Docker's remapping of ids: found on, and off from its next start on",
        ),
        (
            replace(FIT, values={"storage-driver": "vfs"}),
            "Docker's storage driver: found overlay2, and vfs from its next start on",
        ),
        (
            replace(FIT, refused_with_ours="invalid IP address: x"),
            "/etc/docker/daemon.json with what this level sets: found invalid IP address: x",
        ),
    ],
)
def test_a_docker_that_would_not_start_for_us_or_as_another(start: StartFacts, expected: str) -> None:
    (found,) = said(start)
    assert found.startswith(expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"default-runtime": "crun"}, "default-runtime: found crun, expected one of runc"),
        ({"runtimes": {"runc": {"path": "/x"}}}, "runtimes: found one by the name runc"),
        ({"runtimes": {"x": {}}}, "runtimes: found x without a path"),
        ({"icc": False, "iptables": False}, "icc and iptables: found both false"),
        ({"bip": "10.1"}, "bip: found 10.1, expected an address with"),
        ({"fixed-cidr": "10.1.0.0/33"}, "fixed-cidr: found 10.1.0.0/33"),
        ({"bridge": "none", "bip": "10.1.1.1/24"}, "bip and bridge: found both"),
        ({"exec-opts": ["native.cgroupdriver=x"]}, "exec-opts: found native.cgroupdriver=x"),
        ({"cgroup-parent": "x"}, "cgroup-parent: found x, expected a slice"),
        ({"ip6tables": True}, "ip6tables: found true without experimental"),
        ({"registry-mirrors": ["x"]}, "registry-mirrors: found x, expected an address"),
        (
            {"default-address-pools": [{"base": "10.1.0.0/16", "size": 8}]},
            "default-address-pools: found 10.1.0.0/16 in",
        ),
        ({"seccomp-profile": "/nosuch"}, "seccomp-profile: found /nosuch, which is not there"),
        ({"storage-driver": "nosuch"}, "storage-driver: found nosuch, expected overlay2"),
    ],
)
def test_what_dockerd_itself_passes_and_falls_over(values: dict[str, Any], expected: str) -> None:
    """Each was given to Debian's 26.1.5: `dockerd --validate` said OK, and the start failed."""
    (found,) = said(replace(FIT, values=values, missing_files=frozenset({"/nosuch"}), running=None))
    assert found.startswith(f"/etc/docker/daemon.json: {expected}")
    assert found.endswith(f"mend it: {WITHOUT_US}")


def test_what_only_comes_by_what_is_asked_for_names_the_variable() -> None:
    (found,) = said(replace(FIT, values={"iptables": False}), {"icc": False})
    assert "take it out there, or change sandbox_docker_daemon_config" in found
    (found,) = said(replace(FIT, values={"runtimes": None}), {"runtimes": {"ably-sandbox": {"path": "/usr/bin/crun"}}})
    assert found.startswith("/etc/docker/daemon.json: runtimes: found null, expected an object, or no such key")
    (found,) = said(replace(FIT, missing_files=frozenset({"/nosuch"})), {"seccomp-profile": "/nosuch"})
    assert found.startswith("/etc/docker/daemon.json: seccomp-profile: found /nosuch, which is not there, expected a f")
    assert "take it out there, or change sandbox_docker_daemon_config" in found
    (found,) = said(replace(FIT, values={"features": {"containerd-snapshotter": True}}, running=None), REMAP)
    assert found.startswith("Docker's image store: found containerd's, expected its own, for level 2")


@pytest.mark.parametrize(
    ("flags", "has_snapshotter"),
    [
        (("--feature", "containerd-snapshotter=true"), True),
        (("--feature=containerd-snapshotter",), True),
        (("--feature=containerd-snapshotter=true", "--feature=containerd-snapshotter=0"), False),
        (("--feature=buildkit",), None),
    ],
)
def test_a_feature_by_flag_counts_as_one_in_the_file(flags: tuple[str, ...], has_snapshotter: bool | None) -> None:
    start = with_flags(*flags, running=None)
    assert start.configuration.image_store is has_snapshotter
    assert [text.partition(":")[0] for text in said(start, REMAP)] == ["Docker's image store"] * bool(has_snapshotter)


@pytest.mark.parametrize(
    ("content", "facts", "words"),
    [
        (b"\xef\xbb\xbf{}", {}, "Docker reads it, this collection does not rewrite such a file; remove it with sed"),
        (b"\xef\xbb\xbf{}", {"is_validated": False}, "utf-8; this collection does not rewrite such a file"),
        (b"\xef\xbb\xbf{}", {"refused": "invalid character"}, "Docker cannot start with it either; remove it with"),
        (b"{,}", {"refused": "invalid character"}, "Docker cannot start with it either; mend it"),
        (b'{"a": 1, "a": 2}', {"is_validated": False}, "Docker reads it, this collection does not rewrite such a file"),
        (b"null", {"is_validated": False}, "Docker reads it, this collection does not rewrite such a file; write {}"),
    ],
)
def test_of_an_odd_file_only_what_is_true_is_said(content: bytes, facts: dict[str, Any], words: str) -> None:
    start = replace(FIT, oddity=find_oddity(content, "/etc/docker/daemon.json"), **facts)
    (found,) = said(start)
    assert words.lower() in found.lower()


def test_flags_are_told_beside_an_odd_file() -> None:
    odd = find_oddity(b"{,}", "/etc/docker/daemon.json")
    found = said(with_flags("--userns-remap=default", oddity=odd, refused="invalid character"), REMAP)
    assert [text.partition(":")[0] for text in found] == ["dockerd's command line", "/etc/docker/daemon.json"]


def test_a_working_host_is_told_and_not_refused() -> None:
    facts = replace(FACTS, level=1, docker=DockerFacts((26, 1), start=replace(FIT, values={**ASKED, **CGROUPFS})))
    assert find_problems(facts, make_needs()) == ()
    assert any("native.cgroupdriver=cgroupfs" in note for note in find_notes(facts, make_needs()))
    assert len(find_problems(facts, make_needs(level=2))) == 1


def test_the_configuration_is_the_file_and_the_flags() -> None:
    config = Configuration({"debug": True}, ("--data-root=/a", "--exec-opt=native.cgroupdriver=cgroupfs"))
    assert (config.data_root, config.cgroup_driver, config.hosts) == (
        "/a",
        "cgroupfs",
        ("unix:///var/run/docker.sock",),
    )
    runtimes = merge({"runtimes": {"x": 1}, "log-opts": {"a": "b"}}, {"runtimes": {"y": 2}, "log-opts": {}})
    assert runtimes == {"runtimes": {"x": 1, "y": 2}, "log-opts": {}}


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("fd://", True),
        ("unix://", True),
        ("unix:///run/docker.sock", True),
        ("unix:///var/run//docker.sock", True),
        ("unix:////run/./docker.sock", True),
        ("unix:///run/other.sock", False),
        ("unix://run/docker.sock", False),
        ("tcp://127.0.0.1:2375", False),
        ("/run/docker.sock", False),
    ],
)
def test_a_socket_where_we_ask(host: str, is_ours: bool) -> None:
    assert is_our_socket(host) == is_ours


_FILE = "unable to configure the Docker daemon with file /x: "
_MERGED = "merged configuration validation from file and command line flags failed: "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{_FILE}invalid IP address: x", "invalid IP address: x"),
        (f"{_FILE}{_MERGED}invalid default MTU: -5", "invalid default MTU: -5"),
        ("Status: unknown flag: --no | See 'dockerd --help'., Code: 125", "unknown flag: --no"),
    ],
)
def test_dockerd_s_own_words_are_kept_without_where_it_was_shown_the_file(text: str, expected: str) -> None:
    assert clean_refusal(text, "/x") == expected


@pytest.mark.parametrize(
    ("missing", "running", "hosts", "expected"),
    [
        (("docker.service", "docker.socket", "containerd.service"), (), (), 3),
        ((), (), ("fd://",), 3),
        ((), ("docker.socket",), ("unix:///var/run/docker.sock",), 3),
        (("docker.socket",), (), ("unix:///var/run/docker.sock",), 2),
        ((), (), ("unix:///var/run/docker.sock",), 2),
        (("docker.socket", "containerd.service"), (), ("unix:///run/docker.sock",), 1),
    ],
)
def test_docker_lives_by_the_units_that_it_has(
    missing: tuple[str, ...], running: tuple[str, ...], hosts: tuple[str, ...], expected: int
) -> None:
    names = ("containerd.service", "docker.socket", "docker.service")
    there = {
        name: UnitStatus(
            name, "not-found" if name in missing else "loaded", "active" if name in running else "inactive",
            "", is_stale=False, invocation="", changed="",
        )
        for name in names
    }  # fmt: skip
    chosen = choose_units(there, hosts)
    assert len(chosen) == expected
    assert ("docker.socket" in chosen) == (expected == 3)
