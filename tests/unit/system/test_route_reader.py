"""Which calls of `ip` read a host's network, and what is seen of it without `ip`."""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.ranges import Surroundings
from ansible_collections.ably.sandbox.plugins.module_utils._formats.proc_net import Route
from ansible_collections.ably.sandbox.plugins.module_utils._system import route_reader
from ansible_collections.ably.sandbox.plugins.module_utils._system.commands import Result
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.plugins.module_utils._system.route_reader import RouteReader
from ansible_collections.ably.sandbox.tests.unit.case_files import read_case

ANSWERS = {
    "route get fibmatch 10.213.0.254": "host/ip-route-get-6.1.json",
    "route show table all": "host/ip-route-6.1.json",
    "rule show": "host/ip-rule-6.1.json",
    "address show": "host/ip-address-6.1.json",
}


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls that the kernel refuses."""
    names: list[str] = []

    def answer(command: tuple[str, ...], accept: tuple[int, ...]) -> Result:
        assert command[:3] == ("ip", "-4", "-json")
        name = " ".join(command[3:])
        if name in names:
            assert accept == (0, 2)
            return Result(2, "", "RTNETLINK answers: Network is unreachable")
        return Result(0, read_case(ANSWERS[name]), "")

    monkeypatch.setattr(route_reader, "find_program", lambda _unused: "/usr/sbin/ip")
    monkeypatch.setattr(route_reader, "run_command", answer)
    return names


def test_each_is_read_by_one_call(refused: list[str]) -> None:
    there = RouteReader(Outside()).read("10.213.0.254")
    assert there.chosen == Route(IPv4Network("10.0.0.0/8"), "tun0", "220")
    assert (len(there.routes), len(there.rules), len(there.addresses)) == (16, 16, 4)
    assert RouteReader(Outside()).read("").chosen is None


def test_a_host_without_a_way_or_without_rules_has_none(refused: list[str]) -> None:
    refused += ["route get fibmatch 10.213.0.254", "rule show"]
    there = RouteReader(Outside()).read("10.213.0.254")
    assert (there.chosen, there.rules) == (None, ())


def test_without_iproute2_the_main_table_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route_reader, "find_program", lambda _unused: None)
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/route").write_text(read_case("host/route-docker.txt"), encoding="utf-8")
    there = RouteReader(Outside(str(tmp_path))).read("10.213.0.254")
    routes = (Route(IPv4Network("10.214.0.0/24"), "ably-sandbox0"), Route(IPv4Network("172.17.0.0/16"), "docker0"))
    assert there == Surroundings(routes)
