"""The session's specification: what fragments make together, and what is refused, by name."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.apparmor.keys import AppArmor
from ansible_collections.ably.sandbox.plugins.module_utils._controls.container.create import (
    PAUSE_TARGET,
    SessionIds,
    render_container_create,
    render_session_files,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.container.fields import Bind, HomeVolume, Tmpfs
from ansible_collections.ably.sandbox.plugins.module_utils._controls.container.spec import SessionSpec
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.keys import Network
from ansible_collections.ably.sandbox.plugins.module_utils._controls.keys import LooseningError, SpecError
from ansible_collections.ably.sandbox.plugins.module_utils._controls.registry import parse_spec
from ansible_collections.ably.sandbox.plugins.module_utils._controls.userns.keys import Userns
from ansible_collections.ably.sandbox.tests.unit.agent.fragments import DIGEST, FRAGMENTS

NETWORK = FRAGMENTS["12-network.json"]["network"]

IDS = SessionIds("0123456789ab", 3, "/run/ably-sandbox/sessions/0123456789ab")


def assemble(**more: dict[str, Any]) -> SessionSpec:
    """Level 1's fragments and a last one."""
    texts = {name: json.dumps(value) for name, value in FRAGMENTS.items()}
    texts.update({f"{name.replace('_', '-')[1:]}.json": json.dumps(value) for name, value in more.items()})
    return parse_spec(texts)


def test_level_1_makes_a_specification() -> None:
    spec = assemble()
    assert spec.image == "ably-cli:test"
    assert spec.memory == 256 * 1024 * 1024
    assert spec.nano_cpus == 1_000_000_000
    assert spec.tmpfs["/tmp"] == Tmpfs(64 * 1024 * 1024, 0o1777)
    assert spec.network == Network(
        "ably-gateway", "02:ab:1e:00:00:00", IPv4Address("10.213.0.1"), IPv4Network("10.213.0.0/24")
    )
    assert (spec.parts, spec.runtime) == ((), None)
    assert spec.uid(3) == spec.host_uid(3) == 60603


def test_level_2_only_adds() -> None:
    spec = assemble(
        _20_userns={"userns": {"first_id": 231072, "size": 65536}},
        _21_seccomp={"seccomp": {"profile": "/etc/ably-sandbox/seccomp.json", "sha256": DIGEST}, "runtime": "crun"},
        _22_apparmor={"apparmor": {"profile": "ably-cli", "sha256": DIGEST}},
    )
    assert spec.part(Userns) == Userns(231072, 65536)
    assert (spec.uid(3), spec.host_uid(3)) == (60603, 291675)
    assert (spec.part(AppArmor), spec.runtime) == (AppArmor("ably-cli", DIGEST), "crun")


@pytest.mark.parametrize(
    ("key", "tighter"),
    [
        ("pids", 40),
        ("memory", "128m"),
        ("cpus", 0.5),
        ("shm_size", "4m"),
        ("sessions", 1),
        ("any_command", False),
        ("client_env", []),
        ("ulimits", {"nofile": 512}),
        ("tmpfs", {"/tmp": {"size": "8m", "mode": "1777"}}),
    ],
)
def test_a_later_fragment_may_tighten(key: str, tighter: object) -> None:
    assert assemble(_30_limits={key: tighter}) != assemble()


@pytest.mark.parametrize(
    ("key", "looser", "values"),
    [
        ("image", "other:latest", ("'ably-cli:test'", "'other:latest'")),
        ("pids", 51, ("50", "51")),
        ("memory", "257m", ("268435456", "269484032")),
        ("cpus", 1.5, ("1000000000", "1500000000")),
        ("shm_size", "64m", ("8388608", "67108864")),
        ("sessions", 3, ("2", "3")),
        ("uid_base", 1000, ("60600", "1000")),
        ("client_env", ["LD_PRELOAD"], ("ABLY_ACCESS_TOKEN", "LD_PRELOAD")),
        ("command", ["bash"], ("'sh'", "'bash'")),
        ("ulimits", {"core": 1}, ("0", "1")),
        ("tmpfs", {"/tmp": {"size": "65m", "mode": "1777"}}, ("67108864", "68157440")),
        ("tmpfs", {"/run": {"size": "16m", "mode": "0777"}}, ("493", "511")),
        ("home", {"tmpfs": {"size": "9m", "mode": "0700"}}, ("10485760", "9437184")),
        ("network", {**NETWORK, "mac": "02:00:00:00:00:01"}, ("02:ab:1e:00:00:00", "02:00:00:00:00:01")),
        ("network", {**NETWORK, "bridge": "br-other"}, ("ably-gateway", "br-other")),
    ],
)
def test_a_later_fragment_must_not_loosen(key: str, looser: object, values: tuple[str, str]) -> None:
    with pytest.raises(LooseningError) as caught:
        assemble(_30_limits={key: looser})
    for part in (key, "30-limits.json", *values):
        assert part in str(caught.value)
    assert any(name in str(caught.value) for name in FRAGMENTS)


def test_the_message_names_the_fragment_that_spoke_last() -> None:
    with pytest.raises(LooseningError, match=r"30-limits\.json says 40, 40-more\.json says 45"):
        assemble(_30_limits={"pids": 40}, _40_more={"pids": 45})


def test_binds_add_up_unless_they_hide_each_other() -> None:
    one = {"binds": [{"source": "/usr/share/zoneinfo", "target": "/usr/share/zoneinfo"}]}
    two = {"binds": [{"source": "/etc/ssl/certs", "target": "/etc/ssl/certs"}]}
    assert assemble(_30_one=one, _31_two=two, _32_same=one).binds == (
        Bind("/usr/share/zoneinfo", "/usr/share/zoneinfo"),
        Bind("/etc/ssl/certs", "/etc/ssl/certs"),
    )
    with pytest.raises(LooseningError, match="binds /etc/ssl/certs"):
        assemble(_31_two=two, _32_other={"binds": [{"source": "/tmp/evil", "target": "/etc/ssl/certs"}]})


def test_tables_and_variables_add_up() -> None:
    table = {"family": "ip", "name": "more", "sha256": DIGEST}
    spec = assemble(_30_one={"nft_tables": [table], "env": {"A": "1"}}, _31_two={"env": {"B": "2"}})
    assert len(spec.nft_tables) == 3
    assert spec.env == {"A": "1", "B": "2"}
    with pytest.raises(LooseningError, match=r"env\.A"):
        assemble(_30_one={"env": {"A": "1"}}, _31_two={"env": {"A": "2"}})


@pytest.mark.parametrize(
    ("key", "wrong", "said"),
    [
        ("read_only_root", False, "cannot be switched off"),
        ("read_only_root", 1, "true or false"),
        ("no_new_privileges", False, "cannot be switched off"),
        ("capabilities", ["NET_RAW"], "no capabilities"),
        ("image", "", "non-empty"),
        ("pids", 0, "above 0"),
        ("pids", True, "above 0"),
        ("pids", "50", "above 0"),
        ("memory", "lots", "a size"),
        ("memory", "0m", "a size"),
        ("cpus", 0, "0.01"),
        ("command", [], "a program"),
        ("command", "ably interactive", "a list"),
        ("command", ["a\0b"], "command[0]"),
        ("tmpfs", {"/a/../b": {"size": 1, "mode": "0700"}}, "absolute path"),
        ("tmpfs", {"/a": {"size": 1, "mode": "4755"}}, "octal"),
        ("tmpfs", {"/a": {"size": 1, "mode": "0700", "exec": True}}, "tmpfs./a.exec"),
        ("home", {}, "either tmpfs or volume"),
        ("binds", [{"source": "/var/run/docker.sock", "target": "/x"}], "socket"),
        ("binds", [{"source": "/proc/sys", "target": "/x"}], "kernel"),
        ("binds", [{"source": "/run/containerd", "target": "/x"}], "sockets"),
        ("binds", [{"source": "/etc", "target": "/x", "read_only": False}], "read_only"),
        ("network", {**NETWORK, "mac": "02:AB:1E:00:00:00"}, "network.mac: expected a hardware address"),
        ("network", {**NETWORK, "gateway": "10.214.0.1"}, "network.gateway: expected an address of 10.213.0.0/24"),
        ("network", {**NETWORK, "name": "ably-sandbox"}, "network.name"),
        ("network", {**NETWORK, "gateway": "10.0.0.256"}, "IPv4"),
        ("network", {**NETWORK, "subnet": "10.213.0.1/24"}, "network.subnet: expected an IPv4 network"),
        ("network", {"bridge": "n", "gateway": "10.0.0.1"}, "missing"),
        ("nft_tables", [{"family": "inet", "name": "x", "sha256": "abc"}], "nft_tables[0].sha256"),
        ("nft_tables", [{"family": "inet6", "name": "x", "sha256": DIGEST}], "nft_tables[0].family"),
        ("apparmor", {"profile": "unconfined", "sha256": DIGEST}, "confines"),
        ("apparmor", {"profile": "a b", "sha256": DIGEST}, "apparmor.profile"),
        ("apparmor", {"profile": "a"}, "apparmor.sha256: missing"),
        ("apparmor", {"profile": "a", "sha256": "abc"}, "apparmor.sha256"),
        ("apparmor", "ably-cli", "an object"),
        ("seccomp", "unconfined", "an object"),
        ("ulimits", {"nproc": 1}, "ulimits.nproc"),
        ("client_env", ["A=B"], "environment variable"),
        ("userns", {"first_id": 1}, "userns.size: missing"),
    ],
)
def test_wrong_values_are_refused_by_name(key: str, wrong: object, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        assemble(_30_wrong={key: wrong})
    assert "30-wrong.json" in str(caught.value)
    assert key in str(caught.value)
    assert said in str(caught.value)


def test_unknown_keys_and_files_are_refused() -> None:
    with pytest.raises(SpecError, match=r"30-x\.json: unknown key 'privileged'"):
        assemble(_30_x={"privileged": True})
    with pytest.raises(SpecError, match=r"override\.json"):
        parse_spec({"override.json": "{}"})
    with pytest.raises(SpecError, match=r"30-x\.json: not JSON"):
        parse_spec({"30-x.json": "{"})
    with pytest.raises(SpecError, match=r"30-x\.json: expected a JSON object"):
        parse_spec({"30-x.json": "[]"})


@pytest.mark.parametrize("fragment", sorted(FRAGMENTS))
def test_a_missing_fragment_is_a_refusal(fragment: str) -> None:
    texts = {name: json.dumps(value) for name, value in FRAGMENTS.items() if name != fragment}
    with pytest.raises(SpecError, match="no fragment gives"):
        parse_spec(texts)


@pytest.mark.parametrize("key", sorted({key for value in FRAGMENTS.values() for key in value}))
def test_no_protection_has_a_default(key: str) -> None:
    texts = {name: json.dumps({k: v for k, v in value.items() if k != key}) for name, value in FRAGMENTS.items()}
    if key in {"command", "any_command", "client_env"}:
        assert parse_spec(texts)
    else:
        with pytest.raises(SpecError, match=f"no fragment gives {key}"):
            parse_spec(texts)


def test_what_no_single_key_shows_is_checked() -> None:
    with pytest.raises(SpecError, match="reach past 65535"):
        parse_spec({**texts_with("11-limits.json", uid_base=65535)})
    with pytest.raises(SpecError, match="sessions to be 1"):
        parse_spec({**texts_with("10-filesystem.json", home={"volume": "kept"})})
    with pytest.raises(SpecError, match=r"ulimits\.core"):
        parse_spec({**texts_with("11-limits.json", ulimits={"nofile": 10, "fsize": 10})})
    with pytest.raises(SpecError, match="nft_tables"):
        parse_spec({**texts_with("12-network.json", nft_tables=[])})
    with pytest.raises(SpecError, match="the home has this place"):
        assemble(_30_x={"tmpfs": {"/home/ably/.ably": {"size": 1, "mode": "0700"}}})


def texts_with(fragment: str, **changed: object) -> dict[str, str]:
    texts = {name: json.dumps(value) for name, value in FRAGMENTS.items()}
    return {**texts, fragment: json.dumps({**FRAGMENTS[fragment], **changed})}


def test_the_container_has_every_protection() -> None:
    body = render_container_create(assemble(), IDS)
    host = body["HostConfig"]
    assert body["User"] == "60603:60603"
    assert body["Entrypoint"] == [PAUSE_TARGET, "-P"]
    assert body["Env"] == []
    assert host["ReadonlyRootfs"] is True
    assert host["Privileged"] is False
    assert (host["CapAdd"], host["CapDrop"]) == ([], ["ALL"])
    assert host["SecurityOpt"] == ["no-new-privileges=true"]
    assert (host["PidsLimit"], host["Memory"], host["MemorySwap"]) == (50, 268435456, 268435456)
    assert host["NanoCpus"] == 1_000_000_000
    assert host["CgroupParent"] == "ably-sandbox.slice"
    assert host["NetworkMode"] == "none"
    assert "Dns" not in host
    assert (host["IpcMode"], host["CgroupnsMode"], host["PidMode"]) == ("private", "private", "")
    assert host["LogConfig"] == {"Type": "none"}
    assert host["Tmpfs"]["/home/ably/.ably"] == ("rw,noexec,nosuid,nodev,size=10485760,mode=0700,uid=60603,gid=60603")
    assert {"Name": "core", "Soft": 0, "Hard": 0} in host["Ulimits"]


def test_every_mount_from_the_host_is_read_only() -> None:
    spec = replace(assemble(), binds=(Bind("/etc/ssl/certs", "/etc/ssl/certs"),))
    mounts = render_container_create(spec, IDS)["HostConfig"]["Mounts"]
    assert all(mount["ReadOnly"] is True and mount["Type"] == "bind" for mount in mounts)
    assert {mount["Target"] for mount in mounts} == {
        PAUSE_TARGET, "/etc/passwd", "/etc/group", "/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs"
    }  # fmt: skip


def test_level_2_shows_in_the_container() -> None:
    spec = replace(assemble(), parts=(AppArmor("ably-cli", DIGEST),), runtime="crun", home=HomeVolume("kept"))
    host = render_container_create(spec, IDS, '{"defaultAction": "SCMP_ACT_ERRNO"}')["HostConfig"]
    assert host["SecurityOpt"] == [
        "no-new-privileges=true",
        'seccomp={"defaultAction": "SCMP_ACT_ERRNO"}',
        "apparmor=ably-cli",
    ]
    assert host["Runtime"] == "crun"
    assert "/home/ably/.ably" not in host["Tmpfs"]
    assert host["Mounts"][-1]["Source"] == "kept"


def test_the_sessions_files_name_its_own_user_and_the_gateway() -> None:
    files = render_session_files(assemble(), 3)
    assert files["passwd"] == "ably:x:60603:60603::/home/ably:/usr/sbin/nologin\n"
    assert files["group"] == "ably:x:60603:\n"
    assert files["resolv.conf"].startswith("nameserver 10.213.0.1\n")
