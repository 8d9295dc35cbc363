"""The egress policy from its parameters: what is taken, what is refused, and in which words."""

from __future__ import annotations

import json
from ipaddress import IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.keys import read_network, read_nft_table
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.names import (
    AllowedName,
    EgressError,
    read_allowed_name,
)
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.policy import (
    EgressPolicy,
    parse_policy,
    render_fragment,
)

PARAMETERS: dict[str, Any] = {
    "allowed_names": ["*.ably.io", "rest.example.com"],
    "subnet": "10.213.0.0/24",
    "gateway": "10.213.0.1",
    "sessions": 16,
    "connections": 32,
    "connection_rate": 10,
    "dns_rate": 20,
    "idle_timeout": 600,
    "proxy_uid": 60599,
    "refused_networks": [],
    "resolvers": [],
}


def parse(**changes: Any) -> EgressPolicy:
    return parse_policy({**PARAMETERS, **changes})


def fault(**changes: Any) -> str:
    with pytest.raises(EgressError) as caught:
        parse(**changes)
    return caught.value.message


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("rest.ably.io", AllowedName("rest.ably.io")),
        ("REST.Ably.IO", AllowedName("rest.ably.io")),
        ("*.ably.io", AllowedName("ably.io", below=True)),
        ("*.xn--bcher-kva.example", AllowedName("xn--bcher-kva.example", below=True)),
        ("1password.com", AllowedName("1password.com")),
    ],
)
def test_a_name_is_taken(item: str, expected: AllowedName) -> None:
    assert read_allowed_name(item) == expected
    assert str(expected) == item.lower()


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("io", "at least two labels"),
        ("*.io", "at least two labels"),
        ("*", "'*' nowhere but as the whole first label"),
        ("*ably.io", "'*' nowhere but as the whole first label"),
        ("rest.*.io", "'*' nowhere but as the whole first label"),
        ("*.*.ably.io", "'*' nowhere but as the whole first label"),
        ("*.", "expected a name such as"),
        ("", "expected a name such as"),
        ("ably.io.", "expected a name such as"),
        (".ably.io", "expected a name such as"),
        ("a..ably.io", "expected a name such as"),
        ("-a.ably.io", "expected a name such as"),
        ("a-.ably.io", "expected a name such as"),
        ("a_b.ably.io", "expected a name such as"),
        ("ably.io:443", "expected a name such as"),
        ("https://ably.io", "expected a name such as"),
        ("ably.io/path", "expected a name such as"),
        ("ably.io\n", "expected a name such as"),
        ("ably.io\naddress=/evil.com/1.2.3.4", "expected a name such as"),
        (f"{'a' * 64}.ably.io", "expected a name such as"),
        ("a." * 127 + "io", "expected a name such as"),
        ("10.0.0.1", "not an address"),
        ("bücher.example", "in its xn-- form (xn--bcher-kva.example)"),
        ("ably.İo", "in its xn-- form"),
        (7, "expected a name such as"),
        (None, "expected a name such as"),
    ],
)
def test_a_name_is_refused_by_name(item: object, words: str) -> None:
    message = fault(allowed_names=["*.ably.io", item])
    assert words in message
    assert message.startswith("allowed_names[1]: expected ")
    assert message.endswith(f", found {item!r}")


def test_a_name_given_twice_is_refused() -> None:
    assert fault(allowed_names=["*.ably.io", "a.b", "*.ABLY.io"]) == (
        "allowed_names: expected each name once, found '*.ably.io' several times"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"allowed_names": []}, "allowed_names: expected at least one name, found none"),
        ({"allowed_names": "*.ably.io"}, "allowed_names: expected a list, found '*.ably.io'"),
        ({"subnet": "10.213.0.1/24"}, "found '10.213.0.1/24': 10.213.0.1/24 has host bits set"),
        ({"subnet": "8.8.8.0/24"}, "subnet: expected a network inside 10.0.0.0/8"),
        ({"subnet": "fd00::/64"}, "subnet: expected an IPv4 network"),
        ({"subnet": "10.0.0.0/15"}, "subnet: expected a size from /29 to /16, found 10.0.0.0/15"),
        ({"subnet": "10.213.0.0/30"}, "subnet: expected a size from /29 to /16"),
        ({"subnet": "10.213.0.0/29"}, "subnet: expected 18 addresses for 16 sessions, found 6 in 10.213.0.0/29"),
        ({"subnet": "10.213.0.0/29", "sessions": 5}, "subnet: expected 7 addresses for 5 sessions, found 6"),
        ({"subnet": None}, "subnet: expected an IPv4 network"),
        ({"gateway": "10.214.0.1"}, "gateway: expected a host address of 10.213.0.0/24, found 10.214.0.1"),
        ({"gateway": "10.213.0.0"}, "gateway: expected a host address"),
        ({"gateway": "10.213.0.255"}, "gateway: expected a host address"),
        ({"gateway": "gateway"}, "gateway: expected an IPv4 address, found 'gateway'"),
        ({"sessions": 0}, "sessions: expected a number of sessions from 1 to 1000, found 0"),
        ({"connections": True}, "connections: expected a number of connections at once from 1 to 1000, found True"),
        ({"dns_rate": "20"}, "dns_rate: expected DNS questions a second from 1 to 1000, found '20'"),
        ({"idle_timeout": 5}, "idle_timeout: expected seconds from 30 to 86400, found 5"),
        ({"proxy_uid": 0}, "proxy_uid: expected a user id from 1 to 65533, found 0"),
        ({"refused_networks": ["x"]}, "refused_networks[0]: expected an IPv4 network such as 10.213.0.0/24, found 'x'"),
        ({"resolvers": ["::1"]}, "resolvers[0]: expected an IPv4 address, found '::1'"),
    ],
)
def test_a_parameter_is_refused_by_name(changes: dict[str, Any], words: str) -> None:
    assert words in fault(**changes)


def test_all_problems_are_named_at_once() -> None:
    message = fault(allowed_names=["io", "*"], subnet="8.8.8.0/24", gateway="x", sessions=0)
    assert message.count(";") >= 4
    for word in ("'io'", "'*'", "subnet", "gateway", "sessions"):
        assert word in message


@pytest.mark.parametrize("subnet", ["10.0.0.0/16", "172.31.255.0/24", "192.168.7.0/27", "100.64.0.0/24"])
def test_a_subnet_is_taken(subnet: str) -> None:
    network = IPv4Network(subnet)
    assert parse(subnet=subnet, gateway=str(network[1])).subnet == network


def test_refused_networks_are_merged_and_none_of_them_can_be_taken_out() -> None:
    policy = parse(refused_networks=["8.8.8.0/24", "10.1.0.0/16"])
    assert IPv4Network("8.8.8.0/24") in policy.refused
    assert IPv4Network("10.1.0.0/16") not in policy.refused
    for inside in ("10.1.2.3/32", "127.0.0.1/32", "169.254.169.254/32", "100.100.1.1/32", "224.0.0.1/32", "0.0.0.0/32"):
        assert any(IPv4Network(inside).subnet_of(network) for network in policy.refused)
    assert not any(IPv4Network("198.51.100.10/32").subnet_of(network) for network in policy.refused)


def test_the_fragment_is_what_sessions_read() -> None:
    digests = {"inet": "a" * 64, "bridge": "b" * 64}
    text = render_fragment(parse(), digests)
    network = read_network("network", json.loads(text)["network"])
    assert (network.bridge, network.mac) == ("ably-gateway", "02:ab:1e:00:00:00")
    assert (str(network.subnet), str(network.gateway)) == ("10.213.0.0/24", "10.213.0.1")
    tables = [read_nft_table("nft_tables", raw) for raw in json.loads(text)["nft_tables"]]
    assert [(table.family, table.sha256[0]) for table in tables] == [("inet", "a"), ("bridge", "b")]


LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)


@given(st.lists(LABEL, min_size=1, max_size=4), LABEL.filter(lambda text: not text.isdigit()), st.booleans())
def test_a_taken_name_reads_back_as_itself(labels: list[str], top: str, below: bool) -> None:
    name = AllowedName(".".join([*labels, top]), below)
    assert read_allowed_name(str(name)) == name


@given(st.text())
def test_whatever_is_taken_cannot_break_out_of_a_line(text: str) -> None:
    try:
        name = read_allowed_name(text)
    except EgressError:
        return
    assert set(name.domain) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
