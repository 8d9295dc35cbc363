"""What others have of ids, accounts and addresses: a host is refused, and one that works is told."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.needs import Needs
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.problems import find_notes, find_problems
from ansible_collections.ably.sandbox.plugins.module_utils._controls.searches import asked_of
from ansible_collections.ably.sandbox.plugins.module_utils._formats.ip_route import Address
from ansible_collections.ably.sandbox.plugins.module_utils._formats.proc_net import Route
from ansible_collections.ably.sandbox.plugins.module_utils._formats.subids import (
    NSS_GROUPS,
    NSS_SUBGIDS,
    NSS_SUBUIDS,
    NSS_USERS,
    IdRange,
)
from ansible_collections.ably.sandbox.tests.unit.controls.test_preflight import FACTS, LEVEL_2, NEEDS, said
from ansible_collections.ably.sandbox.tests.unit.needs import make_needs

IN_SSSD = IdRange("/etc/sssd/sssd.conf", "SSSD's domain corp", 200000, 2000000000)


@pytest.mark.parametrize(
    ("changes", "needs", "expected"),
    [
        (
            {"ids": (IdRange(NSS_USERS, "walt", 60601),)},
            NEEDS,
            "session ids 60600 to 60615: found walt has 60601 in NSS (getent passwd), expected ids of nobody",
        ),
        ({"ids": (IdRange(NSS_GROUPS, "eve", 60591),)}, NEEDS, "id 60591 of the group ably-sandbox: found eve has"),
        ({"ids": (IdRange(NSS_SUBGIDS, "eve", 60000, 595),)}, NEEDS, "id 60591 of the group ably-sandbox: found eve"),
        ({"ids": (IdRange(NSS_USERS, "eve", 60599),)}, NEEDS, "gateway's id 60599: found eve has 60599 in NSS"),
        ({"ids": (IdRange(NSS_USERS, "eve", 60598),)}, LEVEL_2, "id 60598 of ably-sandbox-remap: found eve's in NSS"),
        ({"ids": (IdRange(NSS_SUBUIDS, "eve", 1879048192, 9),)}, LEVEL_2, "subordinate ids 1879048192 to 1879113727:"),
        (
            {"ids": (IN_SSSD,)},
            LEVEL_2,
            "subordinate ids 1879048192 to 1879113727: found SSSD's domain corp has 200000 to 2000199999 in /etc/sssd/",
        ),
        ({"unasked_ranges": "subid: sss, and nobody"}, LEVEL_2, "subordinate ids: found subid: sss, and nobody"),
        (
            {},
            make_needs(container_users=["john.doe"]),
            "variable sandbox_container_users[0]: found 'john.doe', which is no account of this host, expected a name",
        ),
        (
            {"accounts": {"root": "root", "dom\\user": "DOM\\user"}},
            make_needs(container_users=["root", "dom\\user"]),
            "variable sandbox_container_users[1]: found 'dom\\user', expected 'DOM\\user'; write it as NSS has it",
        ),
        ({"addresses": (Address("eth1", IPv4Network("10.213.0.0/24")),)}, NEEDS, "range 10.213.0.0/24: found an addr"),
        ({"routes": (Route(IPv4Network("10.0.0.0/8"), "tun0", "220"),)}, NEEDS, "range 10.213.0.0/24: found a route"),
    ],
)
def test_a_working_host_is_told_of_what_others_have_and_not_refused(
    changes: dict[str, Any], needs: Needs, expected: str
) -> None:
    """Release 0.1.0 did not ask for these, so that a host which it has made may have them."""
    (problem,) = said(replace(FACTS, **changes), needs)
    assert problem.startswith(expected)
    working = replace(FACTS, level=needs.level, **changes)
    assert said(working, needs) == []
    assert problem in find_notes(working, needs)


def test_another_range_is_proposed() -> None:
    (problem,) = find_problems(replace(FACTS, ids=(IN_SSSD,)), LEVEL_2)
    assert problem.next_step == "choose another sandbox_userns_first_id, such as 2000224256"


def test_accounts_that_nss_has_by_that_name_are_no_problem() -> None:
    names = ["john.doe", "DOM\\user"]
    facts = replace(FACTS, accounts={name: name for name in names})
    assert said(facts, make_needs(container_users=names)) == []
    assert said(replace(FACTS, ids=(IN_SSSD,)), NEEDS) == []
    assert said(replace(FACTS, ids=(IN_SSSD,)), make_needs(level=2, userns_first_id=2000224256)) == []


def test_what_is_asked_of_a_host() -> None:
    asked = asked_of(make_needs(level=2, container_users=["root"]))
    assert {60600, 60615, 60591, 60599, 60598, 1879048192, 1879108792, 1879113727} <= set(asked.ids)
    assert (asked.names, asked.address) == (("root",), "10.213.0.254")
    assert 1879048192 not in asked_of(NEEDS).ids
