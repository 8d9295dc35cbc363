"""The gateway's files: the same policy gives the same bytes, and the names in them admit what they should."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.names import read_allowed_name
from ansible_collections.ably.sandbox.plugins.module_utils._controls.egress.policy import parse_policy
from ansible_collections.ably.sandbox.plugins.module_utils._formats.nftables import find_tables
from ansible_collections.ably.sandbox.tests.role_templates import (
    render_dns,
    render_filter,
    render_proxy,
    render_tables,
    render_units,
)
from ansible_collections.ably.sandbox.tests.unit.controls.test_egress import PARAMETERS

POLICY = parse_policy(PARAMETERS)


def patterns(names: list[str]) -> list[re.Pattern[str]]:
    text = render_proxy(parse_policy({**PARAMETERS, "allowed_names": names}))
    found = re.findall(r"acl allowed_name req\.ssl_sni,lower -m reg (\S+)", text)
    # Python's \Z is PCRE's \z.
    return [re.compile(pattern.replace("\\z", "\\Z")) for pattern in found]


def test_rendering_twice_gives_the_same() -> None:
    for render in (render_filter, render_dns, render_proxy, render_units):
        assert render(POLICY) == render(parse_policy(dict(PARAMETERS)))


def test_no_placeholder_is_left() -> None:
    texts = [render_filter(POLICY), render_dns(POLICY), render_proxy(POLICY), *render_units(POLICY).values()]
    for text in texts:
        assert not re.search(r"\$\{?(?!MAINPID)[a-z_]", text), re.search(r".*\$.*", text)


def test_the_filter_is_two_tables_replaced_in_one_transaction() -> None:
    text = render_filter(POLICY)
    assert set(find_tables(text)) == {"inet ably_sandbox", "bridge ably_sandbox"}
    assert [find_tables(table) for table in render_tables(POLICY).values()] == [
        (name,) for name in render_tables(POLICY)
    ]
    assert "flush ruleset" not in text
    assert text.index("delete table inet ably_sandbox") < text.index("table inet ably_sandbox {")


def test_no_set_has_contents_that_a_terse_listing_would_hide() -> None:
    for line in render_filter(POLICY).splitlines():
        assert "elements" not in line
        if line.strip().startswith("set "):
            assert "flags dynamic" in line


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("subnet", "10.77.0.0/24", "10.77.0.0/24"),
        ("proxy_uid", 777, "meta skuid 777"),
        ("dns_rate", 7, "limit rate over 7/second burst 28 packets"),
        ("connection_rate", 9, "limit rate over 9/second burst 36 packets"),
        ("refused_networks", ["8.8.8.0/24"], "8.8.8.0/24"),
    ],
)
def test_the_filter_follows_its_parameters(key: str, value: Any, word: str) -> None:
    changes = {key: value, **({"gateway": "10.77.0.1"} if key == "subnet" else {})}
    text = render_filter(parse_policy({**PARAMETERS, **changes}))
    assert word in text
    assert word not in render_filter(POLICY)


def test_an_exact_name_is_one_record_and_a_wildcard_is_below_only() -> None:
    lines = render_dns(POLICY).splitlines()
    assert "host-record=rest.example.com,10.213.0.1" in lines
    assert "address=/*.ably.io/10.213.0.1" in lines
    assert "local=/*.ably.io/" in lines
    assert "local=/#/" in lines
    assert not [line for line in lines if line.startswith("server=")]


@pytest.mark.parametrize(
    ("allowed", "name", "admitted"),
    [
        ("*.ably.io", "rest.ably.io", True),
        ("*.ably.io", "a.b.ably.io", True),
        ("*.ably.io", "ably.io", False),
        ("*.ably.io", "evilably.io", False),
        ("*.ably.io", "ably.io.evil.com", False),
        ("*.ably.io", "rest.ably.io.evil.com", False),
        ("*.ably.io", "restxablyxio", False),
        ("*.ably.io", ".ably.io", False),
        ("*.ably.io", "-.ably.io", False),
        ("*.ably.io", "a..ably.io", False),
        ("*.ably.io", "rest.ably.io.", False),
        ("*.ably.io", "rest.ably.io\n", False),
        ("rest.ably.io", "rest.ably.io", True),
        ("rest.ably.io", "a.rest.ably.io", False),
        ("rest.ably.io", "restxably.io", False),
    ],
)
def test_the_proxy_admits(allowed: str, name: str, admitted: bool) -> None:
    (pattern,) = patterns([allowed])
    assert bool(pattern.match(name)) == admitted
    assert read_allowed_name(allowed).admits(name) == admitted


@given(st.from_regex(r"[a-c.\-]{0,12}(\.ably\.io)?", fullmatch=True))
def test_the_pattern_and_the_policy_agree(name: str) -> None:
    (pattern,) = patterns(["*.ably.io"])
    assert bool(pattern.match(name)) == read_allowed_name("*.ably.io").admits(name)


def test_the_proxy_connects_to_one_port_and_asks_whom_it_was_told() -> None:
    text = render_proxy(POLICY)
    assert "server named 0.0.0.0:443" in text
    assert "parse-resolv-conf" in text
    named = render_proxy(parse_policy({**PARAMETERS, "resolvers": ["192.0.2.53", "192.0.2.54"]}))
    assert "parse-resolv-conf" not in named
    assert "nameserver dns2 192.0.2.54:53" in named


def test_the_proxy_waits_for_a_name_server_of_the_host_unless_it_was_given_some() -> None:
    word = "/etc/resolv.conf"
    assert word in render_units(POLICY)["ably-sandbox-proxy.service"]
    named = parse_policy({**PARAMETERS, "resolvers": ["192.0.2.53"]})
    assert word not in render_units(named)["ably-sandbox-proxy.service"]


def test_stopping_the_filter_leaves_it_in_place() -> None:
    units = render_units(POLICY)
    assert "ExecStop" not in units["ably-sandbox-filter.service"]
    assert "Before=network-pre.target docker.service" in units["ably-sandbox-filter.service"]
    for name in ("ably-sandbox-dns.service", "ably-sandbox-proxy.service"):
        assert "Requires=ably-sandbox-filter.service" in units[name]
        assert "CapabilityBoundingSet=CAP_NET_BIND_SERVICE\n" in units[name]
