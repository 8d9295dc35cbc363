"""Protections are taken away: no session gets further than it should, and the next converge repairs."""

from __future__ import annotations

from support.host import LEVEL_1, Host, play
from support.session import OPEN, Terminal, assert_works, refused, wait_until_all_ended

REACH = (
    "const net = require('net'); return await new Promise((resolve) => {"
    " const s = net.connect({ host: HOST, port: PORT }); s.setTimeout(5000, () => resolve('silent'));"
    " s.on('connect', () => resolve('connected')); s.on('error', (e) => resolve(e.code)); });"
)


def assert_repaired(host: Host) -> None:
    """By one converge, after which nothing has drifted and a session works."""
    status, output = play("site", LEVEL_1)
    assert status == 0, output
    assert "drift" not in host.out("ably-sandbox status")
    assert_works(host)


def reach(session: Terminal, host: str, port: int) -> str:
    return str(session.script(f"const HOST = '{host}', PORT = {port}; {REACH}"))


def test_flushed_rules_without_their_keeper(level1: Host) -> None:
    with Terminal(level1) as session:
        level1.out("systemctl stop ably-sandbox-filter-watch && nft flush ruleset")
        told = refused(level1, "the nftables table inet ably_sandbox is not there")
        assert "one of its protections is not in force" in told
        assert reach(session, "198.51.100.99", 80) == "ENETUNREACH"
        assert reach(session, "169.254.169.254", 80) == "ENETUNREACH"
    assert_repaired(level1)


def test_restarted_docker(level1: Host) -> None:
    """Nothing has to be repaired."""
    level1.out("systemctl restart docker")
    with Terminal(level1) as session:
        assert reach(session, "10.213.0.1", 22) == "silent"
        level1.out("systemctl restart docker")
    wait_until_all_ended(level1)
    assert "drift" not in level1.out("ably-sandbox status")
    assert_works(level1)


def test_stopped_gateway(level1: Host) -> None:
    level1.out("systemctl stop ably-sandbox-proxy ably-sandbox-dns")
    _, text = level1.call(OPEN, stdin=b"time\nexit\n")
    assert "EAI_AGAIN" in text


def test_deleted_network(level1: Host) -> None:
    """A name server that is started without the network's address ends again and again, and that is told."""
    level1.out("docker network rm ably-sandbox && systemctl start ably-sandbox-dns")
    refused(level1, "ably-sandbox")
    level1.wait_until("ably-sandbox status | grep 'drift: .*ably-sandbox-dns.service'")


def test_flushed_rules_are_back_at_once(level1: Host) -> None:
    level1.out("nft flush ruleset")
    level1.wait_until("nft list table inet ably_sandbox && nft list table bridge ably_sandbox", 10)


def test_the_next_converge_repairs_all_of_it(level1: Host) -> None:
    assert "drift" in level1.out("ably-sandbox status || true")
    assert_repaired(level1)
