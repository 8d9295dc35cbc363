"""Protections are taken away: no session gets further than it should, and the next converge repairs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.host import LEVEL_1, Host, play
from support.session import OPEN, Terminal, run_lines

REACH = (
    "const net = require('net'); return await new Promise((resolve) => {"
    " const s = net.connect({ host: HOST, port: PORT }); s.setTimeout(5000, () => resolve('silent'));"
    " s.on('connect', () => resolve('connected')); s.on('error', (e) => resolve(e.code)); });"
)


@pytest.fixture(autouse=True)
def repaired(level1: Host) -> Iterator[None]:
    """After each test: one converge, after which nothing has drifted and a session works."""
    yield
    status, output = play("site", LEVEL_1)
    assert status == 0, output
    assert "drift" not in level1.out("ably-sandbox status")
    status, text = run_lines(level1, "time", "exit")
    assert (status, "time 1" in text) == (0, True), text


def reach(session: Terminal, host: str, port: int) -> str:
    return str(session.script(f"const HOST = '{host}', PORT = {port}; {REACH}"))


def refused(host: Host) -> str:
    status, text = host.call(OPEN, stdin=b"exit\n")
    assert status != 0, text
    assert "Traceback" not in text
    return text


def test_flushed_rules_without_their_keeper(level1: Host) -> None:
    with Terminal(level1) as session:
        level1.out("systemctl stop ably-sandbox-filter-watch && nft flush ruleset")
        assert "one of its protections is not in force" in refused(level1)
        assert "ably_sandbox" in level1.out("journalctl --identifier=ably-sandbox --lines=10 --output=cat")
        assert reach(session, "198.51.100.99", 80) == "ENETUNREACH"
        assert reach(session, "169.254.169.254", 80) == "ENETUNREACH"


def test_flushed_rules_are_back_at_once(level1: Host) -> None:
    level1.out("nft flush ruleset")
    level1.wait_until("nft list table inet ably_sandbox && nft list table bridge ably_sandbox", 10)


def test_stopped_gateway(level1: Host) -> None:
    level1.out("systemctl stop ably-sandbox-proxy ably-sandbox-dns")
    status, text = level1.call(OPEN, stdin=b"time\nexit\n")
    assert "time 1" not in text, (status, text)


def test_deleted_network(level1: Host) -> None:
    level1.out("docker network rm ably-sandbox")
    refused(level1)


def test_restarted_docker(level1: Host) -> None:
    level1.out("systemctl restart docker")
    with Terminal(level1) as session:
        assert reach(session, "10.213.0.1", 22) == "silent"
        level1.out("systemctl restart docker")
    level1.wait_until("test $(docker ps --quiet --filter label=io.ably.sandbox.session | wc -l) = 0")
