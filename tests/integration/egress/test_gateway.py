"""What a session gets through the gateway's door: allowed names over TLS, and nothing else."""

from __future__ import annotations

import struct
import time
from typing import Any

import pytest

from ansible_collections.ably.sandbox.tests.integration.egress.world import (
    ALLOWED,
    FORBIDDEN,
    GATEWAY,
    PARAMETERS,
    SESSIONS,
    ZONE,
    World,
)

A, TXT, AAAA, HTTPS, ANY = "1", "16", "28", "65", "255"
NOERROR, NXDOMAIN = 0, 3


def is_closed(answer: dict[str, Any]) -> bool:
    """The other side ended it without a byte of its own."""
    return (
        answer.get("error") in {"ConnectionResetError", "SSLEOFError", "SSLZeroReturnError"}
        or answer.get("result") == ""
    )


@pytest.mark.parametrize("name", ["rest.ably.io", "REST.Ably.IO", "main.realtime.ably.net", "only.ably.com"])
def test_an_allowed_name_is_reached(world: World, name: str) -> None:
    assert world.attack("s1", "dns", GATEWAY, name, A)["result"] == {"answered": 1, "code": NOERROR, "address": GATEWAY}
    assert world.attack("s1", "tls", GATEWAY, "443", name) == {"result": f"reached {ALLOWED} GET"}
    line = world.proxy_said("admitted")
    assert f"session={SESSIONS[0]}:" in line
    assert f"name={name.lower()} to={ALLOWED} " in line


def test_one_connection_is_one_line_at_the_time_it_is_made(world: World) -> None:
    world.attack("s1", "tls", GATEWAY, "443", "rest.ably.io")
    world.proxy_said("admitted")
    time.sleep(0.5)
    assert len([line for line in world.log("proxy").splitlines() if "session=" in line]) == 1


@pytest.mark.parametrize(
    "name", ["www.example.com", "evilably.io", "ably.io.evil.com", "ably.io", "below.only.ably.com", "ably.com", "io"]
)
def test_a_foreign_name_does_not_exist(world: World, name: str) -> None:
    for kind in (A, AAAA, TXT, HTTPS, ANY):
        answer = world.attack("s1", "dns", GATEWAY, name, kind)["result"]
        assert answer["answered"] == 1
        # `ably.com` has an allowed name below it: it exists, and has no address.
        assert answer["code"] == (NOERROR if name == "ably.com" else NXDOMAIN)
        assert answer["address"] != GATEWAY


@pytest.mark.parametrize("kind", [AAAA, TXT, HTTPS])
def test_an_allowed_name_has_nothing_but_an_address(world: World, kind: str) -> None:
    """NXDOMAIN here would make resolvers give the name up that ask for AAAA first."""
    answer = world.attack("s1", "dns", GATEWAY, "rest.ably.io", kind)["result"]
    assert (answer["answered"], answer["code"]) == (1, NOERROR)
    assert answer["address"] != GATEWAY


def test_names_with_random_labels_never_leave_the_host(world: World) -> None:
    before = world.packets_outside()
    asked = world.log("zone").count("query[")
    for name in ("c2VjcmV0.evil.com", "c2VjcmV0.ably.io", "c2VjcmV0.tunnel.ably.net"):
        world.attack("s1", "dns", GATEWAY, name, A)
        world.attack("s1", "dns", GATEWAY, name, TXT)
    assert world.packets_outside() == before
    assert world.log("zone").count("query[") == asked


@pytest.mark.parametrize(
    "name", ["www.example.com", "evilably.io", "ably.io.evil.com", "ably.io", "below.only.ably.com"]
)
def test_a_foreign_server_name_is_refused(world: World, name: str) -> None:
    before = world.packets_outside()
    assert is_closed(world.attack("s1", "tls", GATEWAY, "443", name))
    assert world.packets_outside() == before
    line = world.proxy_said("refused")
    assert f"session={SESSIONS[0]}:" in line
    assert f"name={name} " in line
    assert "reason=name-not-allowed" in line


def test_no_server_name_is_refused(world: World) -> None:
    before = world.packets_outside()
    assert is_closed(world.attack("s1", "tls", GATEWAY, "443", ""))
    assert world.packets_outside() == before
    assert "reason=no-server-name" in world.proxy_said("refused")


@pytest.mark.parametrize(
    "name",
    [
        b"www.example.com\0.ably.io",
        b"\n.ably.io",
        b"-.ably.io",
        b"a..ably.io",
        b".ably.io",
        b"rest.ably.io\0",
        b"rest.ably.io\n",
        b"rest.ably.io.",
        b"\xff.ably.io",
        b"*.ably.io",
        b"x refused session=10.213.0.3:1 name=a.ably.io",
    ],
    ids=repr,
)
def test_a_server_name_that_is_no_name_is_refused(world: World, name: bytes) -> None:
    before = world.packets_outside()
    assert is_closed(world.attack("s1", "hello", GATEWAY, name.hex()))
    assert world.packets_outside() == before
    said = world.proxy_said("refused")
    assert f"session={SESSIONS[0]}:" in said
    assert said.count("=") == 5  # no key but those of the format


def test_a_server_name_longer_than_dns_is_refused(world: World) -> None:
    assert is_closed(world.attack("s1", "hello", GATEWAY, (b"abcdefghi." * 30 + b"ably.io").hex()))
    assert "reason=name-too-long" in world.proxy_said("refused")


def test_an_allowed_name_passes_the_same_way(world: World) -> None:
    """The control for the handmade hellos: this one gets an answer of the server's."""
    answer = world.attack("s1", "hello", GATEWAY, b"rest.ably.io".hex())
    assert answer.get("result", "").startswith(("15", "16"))


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: rest.ably.io\r\n\r\n",
        b"SSH-2.0-x\r\n",
        b"\x16\x03\x01" + struct.pack("!H", 40) + bytes(40),
        b"\0" * 64,
    ],
    ids=["http", "ssh", "a broken hello", "zeros"],
)
def test_what_is_not_tls_is_refused_at_once(world: World, data: bytes) -> None:
    before, start = world.packets_outside(), time.monotonic()
    assert is_closed(world.attack("s1", "raw_tcp", GATEWAY, "443", data.hex()))
    assert time.monotonic() - start < 2
    assert world.packets_outside() == before
    assert "reason=not-tls" in world.proxy_said("refused")


def test_a_hello_that_never_ends_is_refused_in_time(world: World) -> None:
    start = time.monotonic()
    assert is_closed(world.attack("s1", "raw_tcp", GATEWAY, "443", b"\x16\x03\x01\x02\0\x01".hex()))
    assert 2 < time.monotonic() - start < 5
    assert "reason=not-tls" in world.proxy_said("refused")


@pytest.mark.parametrize("name", ["inside", "loop", "self", "gateway", "metadata", "mapped", "six"])
def test_a_name_that_leads_inside_is_refused(world: World, name: str) -> None:
    assert f"{name}.ably.io" in ZONE
    answer = world.attack("s1", "tls", GATEWAY, "443", f"{name}.ably.io", "8")
    assert is_closed(answer)
    line = world.proxy_said("session=")
    if name == "self":
        # The host's own address outside is not in any list: there the filter is what stops the proxy.
        assert world.counters()["proxy"] > 0
    else:
        assert f"to={ZONE[f'{name}.ably.io']} reason=address-refused" in line


@pytest.mark.parametrize("name", ["inside", "loop", "metadata", "self"])
def test_the_filter_alone_keeps_the_proxy_from_the_inside(world: World, name: str) -> None:
    """The same attacks with everything but the filter out of the way: the proxy's own user connects."""
    connect = (f"import socket; socket.create_connection(('{ZONE[f'{name}.ably.io']}', 443), 2)",)
    user = ("setpriv", f"--reuid={world.policy.proxy_uid}", "--clear-groups", "/usr/bin/python3", "-c", *connect)
    before = world.packets_outside()
    assert world.inside("host", *user, check=False).returncode != 0
    assert world.counters()["proxy"] > 0
    assert world.packets_outside() == before
    # Any other user of the host is none of the filter's business.
    assert world.inside("host", "/usr/bin/python3", "-c", *connect, check=False).returncode == 0


def test_the_proxy_itself_reaches_the_outside_on_one_port_only(world: World) -> None:
    user = ("setpriv", f"--reuid={world.policy.proxy_uid}", "--clear-groups", "/usr/bin/python3", "-c")
    connect = "import socket; socket.create_connection(('{}', {}), 2)"
    assert world.inside("host", *user, connect.format(FORBIDDEN, 443), check=False).returncode == 0
    before = world.packets_outside()
    assert world.inside("host", *user, connect.format(FORBIDDEN, 80), check=False).returncode != 0
    assert world.packets_outside() == before


def test_a_session_cannot_hold_more_than_its_connections(world: World) -> None:
    most = int(PARAMETERS["connections"])
    held = world.attack("s1", "hold", GATEWAY, "443", str(most * 4))["result"]
    assert most <= held <= most + 8
    assert "reason=too-many-connections" in world.proxy_said("too-many")
    assert world.counters()["rate"] > 0
    assert world.attack("s2", "tls", GATEWAY, "443", "rest.ably.io") == {"result": f"reached {ALLOWED} GET"}


def test_dns_questions_have_a_rate_for_each_session(world: World) -> None:
    most = int(PARAMETERS["dns_rate"]) * 4
    answered = world.attack("s1", "dns", GATEWAY, "rest.ably.io", A, str(most * 3))["result"]["answered"]
    assert most <= answered < most * 2
    assert world.counters()["rate"] > 0
    assert world.attack("s2", "dns", GATEWAY, "rest.ably.io", A)["result"]["answered"] == 1
