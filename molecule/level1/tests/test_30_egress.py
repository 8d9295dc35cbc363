"""From inside a session with full code execution: the allowed names over TLS, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.host import Host
from support.session import Terminal, read_script, run_lines, run_script

SCRIPTS = Path(__file__).parent / "scripts"
GATEWAY = "10.213.0.1"
ECHO = 7777
# Beyond the host.
PLACES = {
    "OUTSIDE": "198.51.100.99",
    "FORBIDDEN": "198.51.100.20",
    "SERVICE": "198.51.100.10",
    "RESOLVER": "198.51.100.53",
}
# What the lab's outside world was asked: see tests/world.
EVENTS = "/var/log/lab-world/events.jsonl"
# Refused by the session's own kernel, for want of a route; dropped by the filter; closed by the proxy; not in the DNS.
NO_ROUTE = {"ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL"}
DROPPED = {"silent", "EHOSTUNREACH", "ETIMEDOUT"}
CLOSED = {"closed", "ECONNRESET", "EPIPE"}
NO_NAME = {"ENOTFOUND", "ENODATA", "EREFUSED", "ESERVFAIL"}
# Nobody listens there. Node's resolver looks into the session's /etc/hosts before it asks for a name to an address.
NO_RESOLVER = {"ECONNREFUSED", "ENOTFOUND"}
EXPECTED = {
    "foreign name": NO_NAME,
    "foreign server name": CLOSED,
    "server name with an allowed prefix": CLOSED,
    "server name with an allowed ending": CLOSED,
    "no server name": CLOSED,
    "plain HTTP on 443": CLOSED,
    "name that leads inside": CLOSED,
    "name that leads to the host": CLOSED,
    "literal address": NO_ROUTE,
    "literal address of a foreign service": NO_ROUTE,
    "address of the allowed service": NO_ROUTE,
    "the host's name server": NO_ROUTE,
    "the host's name server by UDP": NO_ROUTE,
    "Docker's resolver": NO_RESOLVER,
    "Docker's resolver on names of sessions": NO_RESOLVER,
    "name of another session": NO_NAME,
    "addresses of all sessions": NO_NAME,
    "name server by TCP": DROPPED,
    "another port outside": NO_ROUTE,
    "metadata service": NO_ROUTE,
    "IPv6": NO_ROUTE,
    "IPv6 on the link": NO_ROUTE | DROPPED,
    "UDP outside": NO_ROUTE,
    "another port of the host": DROPPED,
    "another port of the host by UDP": DROPPED,
    "ssh of the host": DROPPED,
    "plain HTTP of the host": DROPPED,
    "another session": DROPPED,
    "another session by UDP": DROPPED,
    "random label of a foreign name": NO_NAME,
    "random label as text": NO_NAME,
    "random top level": NO_NAME,
}


@pytest.fixture(scope="module")
def echo(level1: Host) -> Iterator[None]:
    """The host answers on every address: whoever gets no answer from it was refused."""
    level1.out("cat > /run/lab-echo.py", stdin=(SCRIPTS / "echo.py").read_bytes())
    level1.out(f"systemd-run --quiet --unit=lab-echo python3 /run/lab-echo.py {ECHO}")
    asked = f"python3 /run/lab-echo.py {ECHO} {GATEWAY}"
    level1.wait_until(asked)
    assert level1.out(asked) == "host host"
    yield
    level1.out("systemctl stop lab-echo; rm /run/lab-echo.py")


@pytest.fixture(scope="module")
def attempts(level1: Host, echo: None) -> Iterator[dict[str, str]]:
    """What came of each attempt, with another session beside that would answer."""
    assert echo is None
    with Terminal(level1) as peer:
        there = peer.script(read_script(SCRIPTS / "peer.js", ECHO=ECHO))
        assert there["answers"] == "peer peer"
        level1.out(f"truncate --size=0 /run/lab/capture.txt {EVENTS}")
        constants = {**PLACES, "GATEWAY": GATEWAY, "PEER": there["address"], "ECHO": ECHO}
        yield run_script(level1, read_script(SCRIPTS / "egress.js", **constants))


def test_the_allowed_name_answers_over_tls(attempts: dict[str, str]) -> None:
    assert attempts["allowed name"].startswith("answered HTTP/1.1 200"), attempts


@pytest.mark.parametrize("name", EXPECTED)
def test_refused(attempts: dict[str, str], name: str) -> None:
    assert attempts[name] in EXPECTED[name]


def test_every_attempt_is_judged(attempts: dict[str, str]) -> None:
    assert set(attempts) == {*EXPECTED, "allowed name"}


def test_the_outside_saw_the_allowed_service_and_nothing_else(level1: Host, attempts: dict[str, str]) -> None:
    """Of everything tried, only the proxy's connection to the allowed service and its look-ups of allowed names."""
    assert attempts
    packets = level1.out("cat /run/lab/capture.txt").splitlines()
    foreign = [line for line in packets if not re.search(r"198\.51\.100\.(10\.443|53\.53)\b", line)]
    print(f"packets that reached the outside: {len(packets)}, but to the allowed service and its name: {len(foreign)}")
    assert packets, "the capture has to see the allowed request"
    assert foreign == []
    events = [json.loads(line) for line in level1.out(f"cat {EVENTS}").splitlines()]
    # The two that are allowed by their name lead inside, and are refused when that is known.
    asked = {event["name"] for event in events if event["service"] == "dns"}
    assert asked == {"rest.ably.io", "rebind-private.ably.io", "rebind-host.ably.io"}


def test_the_real_client_works(level1: Host) -> None:
    status, text = run_lines(level1, "time", "publish news hello", "roundtrip", "exit")
    assert status == 0, text
    assert re.search(r"time \d{13}", text)
    assert "published to news" in text
    assert "roundtrip ok" in text
