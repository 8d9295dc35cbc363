"""What a control asks once more before it takes anything, and that it asks nothing where nothing changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._ansible import container, egress, userns
from ansible_collections.ably.sandbox.plugins.module_utils._ansible.findings import refuse
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.policy import EgressPolicy, Limits
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.ranges import Surroundings
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.asked import Asked
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.facts import AccountFacts
from ansible_collections.ably.sandbox.plugins.module_utils._controls.problem import Problem
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import RefusedError, SandboxError
from ansible_collections.ably.sandbox.plugins.module_utils._formats.proc_net import Route
from ansible_collections.ably.sandbox.plugins.module_utils._formats.subids import NSS_GROUPS, NSS_USERS, IdRange
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside

FIRST = 1879048192
TAKEN = (
    IdRange(NSS_USERS, "walt", 60601),
    IdRange(NSS_GROUPS, "doors", 60591),
    IdRange(NSS_USERS, "tls", 60599),
    IdRange(NSS_USERS, "svc", 60598),
    IdRange("/etc/sssd/sssd.conf", "SSSD's domain corp", 200000, 2000000000),
)
CONTAINER = {"uid_base": 60600, "sessions": 16, "gid": 60591, "users": ["eve", "DOM\\user"]}
POLICY = EgressPolicy(
    (), IPv4Network("10.213.0.0/24"), IPv4Network("10.213.0.0/24")[1], 16, Limits(1, 1, 1, 30), (), (), 60599
)
USERNS = {"first_id": FIRST, "uid": 60598}
RANGES = dict.fromkeys(("/etc/subuid", "/etc/subgid"), f"ably-sandbox-remap:{FIRST}:65536\n")


class Accounts:
    """The reader, with others in every place. `asked`: what it was asked for."""

    asked: ClassVar[list[Asked]] = []

    def __init__(self, outside: Outside) -> None:
        self.outside = outside

    def read(self, asked: Asked) -> AccountFacts:
        self.asked.append(asked)
        return AccountFacts(TAKEN, accounts={"DOM\\user": "DOM\\user"}, unasked_ranges="subid: sss, and nobody")


class Routes(Accounts):
    def read(self, asked: str) -> Surroundings:  # type: ignore[override]  # another reader's question
        self.asked.append(Asked(address=asked))
        return Surroundings((Route(IPv4Network("10.0.0.0/8"), "tun0", "220"),))

    def networks(self) -> dict[str, tuple[str, ...]]:
        return {"web": ("10.213.0.1/16",)}


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    Accounts.asked = []
    for module in (container, egress, userns):
        monkeypatch.setattr(module, "AccountReader", Accounts)
    monkeypatch.setattr(egress, "RouteReader", Routes)
    return Accounts.asked


@pytest.fixture
def bare(tmp_path: Path) -> Outside:
    return Outside(str(tmp_path))


@pytest.fixture
def made(tmp_path: Path) -> Outside:
    """A host on which all of it is ours already."""
    folder = tmp_path / "etc/ably-sandbox/container.d"
    folder.mkdir(parents=True)
    limits, network = {"uid_base": 60600, "sessions": 16}, {"network": {"subnet": "10.213.0.0/24"}}
    (folder / "11-limits.json").write_text(json.dumps(limits), encoding="utf-8")
    (folder / "12-network.json").write_text(json.dumps(network), encoding="utf-8")
    (tmp_path / "etc/group").write_text("ably-sandbox:x:60591:eve,DOM\\user\n", encoding="utf-8")
    accounts = "ably-sandbox-proxy:x:60599:60599:::\nably-sandbox-remap:x:60598:60598:::\n"
    (tmp_path / "etc/passwd").write_text(accounts, encoding="utf-8")
    return Outside(str(tmp_path))


def said(problems: Iterator[Problem]) -> list[str]:
    return [f"{problem.what}: {problem.observed}" for problem in problems]


def test_on_a_bare_host_everything_is_asked_for(bare: Outside) -> None:
    assert said(container.find_taken(CONTAINER, bare)) == [
        "session ids 60600 to 60615: walt has 60601 in NSS (getent passwd)",
        "id 60591 of the group ably-sandbox: doors has 60591 in NSS (getent group)",
        "variable sandbox_container_users[0]: 'eve', which is no account of this host",
    ]
    assert said(egress.find_taken(POLICY, bare)) == [
        "gateway's id 60599: tls has 60599 in NSS (getent passwd)",
        "range 10.213.0.0/24: a route to 10.0.0.0/8 by tun0 in table 220",
        "range 10.213.0.0/24: Docker's network web has 10.213.0.1/16",
    ]
    assert said(userns.find_taken(USERNS, dict.fromkeys(RANGES, ""), bare)) == [
        "subordinate ids: subid: sss, and nobody",
        f"subordinate ids {FIRST} to 1879113727: SSSD's domain corp has 200000 to 2000199999 in /etc/sssd/sssd.conf",
        "id 60598 of ably-sandbox-remap: svc's in NSS (getent passwd)",
    ]


def test_where_all_of_it_is_ours_nothing_is_asked_for(made: Outside, asked: list[Asked]) -> None:
    assert said(container.find_taken(CONTAINER, made)) == []
    assert said(egress.find_taken(POLICY, made)) == []
    assert said(userns.find_taken(USERNS, RANGES, made)) == []
    assert asked == []


def test_a_line_that_docker_cannot_read_is_refused_only_where_the_range_is_taken(bare: Outside, made: Outside) -> None:
    """A host that has it works, and is told by preflight."""
    with pytest.raises(SandboxError, match="/etc/subuid line 1: 'eve'"):
        userns.check_tables(FIRST, {"/etc/subuid": "eve\n", "/etc/subgid": ""}, bare)
    userns.check_tables(FIRST, {path: f"eve\n{text}" for path, text in RANGES.items()}, made)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"sessions": 17}, ["session ids 60600 to 60616: walt has 60601 in NSS (getent passwd)"]),
        ({"gid": 60601}, []),
        ({"users": ["eve", "adam"]}, ["variable sandbox_container_users[0]: 'adam', which is no account of this host"]),
    ],
)
def test_only_what_changes_is_judged(made: Outside, changes: dict[str, Any], found: list[str]) -> None:
    assert said(container.find_taken({**CONTAINER, **changes}, made)) == found


def test_another_range_and_another_id_are_judged(made: Outside) -> None:
    moved = replace(POLICY, subnet=IPv4Network("10.214.0.0/24"))
    assert said(egress.find_taken(moved, made)) == ["range 10.214.0.0/24: a route to 10.0.0.0/8 by tun0 in table 220"]
    assert said(egress.find_taken(replace(POLICY, proxy_uid=60601), made)) == [
        "gateway's id 60601: walt has 60601 in NSS (getent passwd)"
    ]
    assert len(said(userns.find_taken({**USERNS, "first_id": 262144}, RANGES, made))) == 2


def test_a_fragment_that_cannot_be_read_is_none(made: Outside, tmp_path: Path) -> None:
    for name in ("11-limits.json", "12-network.json"):
        (tmp_path / "etc/ably-sandbox/container.d" / name).write_text("[", encoding="utf-8")
    assert len(said(container.find_taken(CONTAINER, made))) == 1
    assert len(said(egress.find_taken(POLICY, made))) == 2


def test_all_of_it_is_refused_in_one_sentence(bare: Outside) -> None:
    refuse(())
    with pytest.raises(RefusedError) as caught:
        refuse(container.find_taken(CONTAINER, bare))
    assert "walt has 60601 in NSS (getent passwd), expected ids of nobody; id 60591" in caught.value.message
    assert str(caught.value).endswith("make the account first, or take the name out; nothing was changed")
