"""Protections are taken away: no session gets further than it should, and the next converge repairs."""

from __future__ import annotations

from support.host import LEVEL_1, Host, play
from support.session import OPEN, Terminal, assert_works, refused, wait_until_all_ended

TABLES = "nft list table inet ably_sandbox && nft list table bridge ably_sandbox"
WITHOUT_KEEPER = "systemctl stop ably-sandbox-filter-watch && nft flush ruleset"
REACH = (
    "const net = require('net'); return await new Promise((resolve) => {"
    " const s = net.connect({ host: HOST, port: PORT }); s.setTimeout(5000, () => resolve('silent'));"
    " s.on('connect', () => resolve('connected')); s.on('error', (e) => resolve(e.code)); });"
)


def reach(session: Terminal, host: str, port: int) -> str:
    return str(session.script(f"const HOST = '{host}', PORT = {port}; {REACH}"))


def test_flushed_rules_without_their_keeper(level1: Host) -> None:
    with Terminal(level1) as session:
        level1.out(WITHOUT_KEEPER)
        told = refused(level1, "the nftables table inet ably_sandbox is not there")
        assert "one of its protections is not in force" in told
        assert reach(session, "198.51.100.99", 80) == "ENETUNREACH"
        assert reach(session, "169.254.169.254", 80) == "ENETUNREACH"
    level1.out("systemctl start ably-sandbox-filter-watch")
    level1.wait_until(TABLES, 10)
    assert_works(level1)


def test_flushed_rules_are_back_at_once(level1: Host) -> None:
    with Terminal(level1) as session:
        level1.out("nft flush ruleset")
        level1.wait_until(TABLES, 10)
        assert reach(session, "10.213.0.1", 22) == "silent"


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
    _unused, text = level1.call(OPEN, stdin=b"reach\nexit\n")
    assert "EAI_AGAIN" in text


def test_a_bridge_of_somebody_elses(level1: Host) -> None:
    """Of the same name: what sessions are told of the gateway would not be true."""
    wait_until_all_ended(level1)
    level1.out("ip link delete ably-gateway && ip link add ably-gateway type bridge && ip link set ably-gateway up")
    refused(level1, "the address of ably-gateway is [0-9a-f:]{17}, not 02:ab:1e:00:00:00")
    assert "drift:      bridge ably-gateway" in level1.out("ably-sandbox status || true")


def test_deleted_bridge(level1: Host) -> None:
    """A name server that has no address to listen on ends again and again, and is told."""
    wait_until_all_ended(level1)
    level1.out("ip link delete ably-gateway; systemctl start ably-sandbox-proxy ably-sandbox-dns")
    refused(level1, "interface ably-gateway: is not there")
    # Between two attempts, that is: while it starts it counts as running, and a slow machine starts it slowly.
    level1.wait_until("ably-sandbox status | grep 'drift: .*ably-sandbox-dns.service'", 300)


def test_the_next_converge_repairs_all_of_it(level1: Host) -> None:
    level1.out(WITHOUT_KEEPER)
    assert "drift" in level1.out("ably-sandbox status || true")
    status, output = play("site", LEVEL_1)
    assert status == 0, output
    assert "drift" not in level1.out("ably-sandbox status")
    assert_works(level1)
