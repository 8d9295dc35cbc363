"""The outside world as the real `ably` npm client, DNS clients and attackers see it."""

from __future__ import annotations

import json

import pytest

from .conftest import Client

RESOLVE = "return await require('dns').promises.{call}({arguments});"


def test_rest_time(client: Client) -> None:
    done = client.lab_cli("time")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("time 1")


def test_reach(client: Client) -> None:
    assert client.lab_cli("reach").stdout == "reached rest.ably.io: 200\n"
    done = client.lab_cli("reach", "notably.io")
    assert (done.returncode, "ENOTFOUND" in done.stderr) == (1, True), done.stderr


@pytest.mark.parametrize("binary", ["1", "0"])
def test_rest_publish(client: Client, binary: str) -> None:
    done = client.run("env", f"ABLY_BINARY={binary}", "node", str(client.program), "publish", "rooms:a", "grüße")
    assert (done.returncode, done.stdout) == (0, "published to rooms:a\n"), done.stderr


@pytest.mark.parametrize("binary", ["1", "0"])
def test_realtime_roundtrip(client: Client, binary: str) -> None:
    done = client.run("env", f"ABLY_BINARY={binary}", "node", str(client.program), "roundtrip", "rooms:b")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("roundtrip ok on rooms:b")
    actions = [event["action"] for event in client.events("ably") if event["event"] == "realtime"]
    assert actions[-4:] == [10, 15, 12, 7]


def test_rest_publish_reaches_a_realtime_subscriber(client: Client) -> None:
    source = """
      const Ably = require('ably');
      const realtime = new Ably.Realtime(clientOptions());
      const got = new Promise((resolve) => realtime.channels.get('mixed').subscribe((m) => resolve(m.name + m.data)));
      await realtime.channels.get('mixed').attach();
      await new Ably.Rest(clientOptions()).channels.get('mixed').publish('greeting', 'x'.repeat(60000));
      const value = await got;
      const latency = await realtime.connection.ping();
      realtime.close();
      return { length: value.length, pinged: latency >= 0 };
    """
    done = client.node(source)
    assert json.loads(done.stdout) == {"length": 60008, "pinged": True}, done.stderr


def test_fallback_hosts_and_the_connectivity_check_answer(client: Client) -> None:
    source = """
      const https = require('https');
      const get = (host, path) => new Promise((resolve, reject) => https.get({ host, path }, (answer) => {
        let text = ''; answer.on('data', (d) => text += d); answer.on('end', () => resolve(text.trim()));
      }).on('error', reject));
      const texts = [await get('internet-up.ably-realtime.com', '/is-the-internet-up.txt')];
      for (const host of ['main.realtime.ably.net', 'main.c.fallback.ably-realtime.com', 'rest.ably.io',
        'realtime.ably.io', 'control.ably.net', 'ably.com'])
        texts.push(JSON.parse(await get(host, '/time')).length);
      return texts;
    """
    done = client.node(source)
    assert json.loads(done.stdout or "null") == ["yes", 1, 1, 1, 1, 1, 1], done.stderr


def test_without_credentials_is_refused(client: Client) -> None:
    done = client.node(
        "return (await fetch('https://rest.ably.io/channels/a/messages', { method: 'POST', body: '{}' })).status;"
    )
    assert done.stdout == "401\n", done.stderr


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("rest.ably.io", ["198.51.100.10"]),
        ("MAIN.realtime.ably.net", ["198.51.100.10"]),
        ("forbidden.example.com", ["198.51.100.20"]),
        ("rebind.ably.io", ["10.0.0.1", "127.0.0.1"]),
        ("rebind-host.ably.io", ["198.51.100.1"]),
    ],
)
def test_names_that_exist(client: Client, name: str, addresses: list[str]) -> None:
    done = client.node(RESOLVE.format(call="resolve4", arguments=json.dumps(name)))
    assert sorted(json.loads(done.stdout or "[]")) == addresses, done.stderr


@pytest.mark.parametrize("name", ["notably.io", "x.invalid", "ably.io.evil.test"])
def test_names_that_do_not_exist(client: Client, name: str) -> None:
    done = client.node(RESOLVE.format(call="resolve4", arguments=json.dumps(name)))
    assert "ENOTFOUND" in done.stderr
    assert any(event["name"] == name and event["answer"] is None for event in client.events("dns"))


def test_dns_over_tcp(client: Client) -> None:
    source = """
      const query = Buffer.from('00070100000100000000000004726573740461626c7902696f0000010001', 'hex');
      return await new Promise((resolve, reject) => {
        const socket = require('net').connect(53, '198.51.100.53', () => {
          const head = Buffer.alloc(2); head.writeUInt16BE(query.length); socket.write(head); socket.write(query);
        });
        socket.on('data', (data) => { socket.end(); resolve([...data.subarray(-4)].join('.')); }).on('error', reject);
      });
    """
    assert client.node(source).stdout == "198.51.100.10\n"


def test_the_forbidden_service_answers_and_logs(client: Client) -> None:
    done = client.node("return (await fetch('https://forbidden.example.com/x')).text();")
    assert done.stdout.startswith("forbidden reached"), done.stderr
    (request,) = [event for event in client.events("forbidden") if event["event"] == "request"]
    assert request["sni"] == "forbidden.example.com"
    assert request["from"].startswith("198.51.100.1:")
    assert request["to"] == "198.51.100.20:443"


@pytest.mark.parametrize("target", ["203.0.113.9:443", "192.0.2.77:8080", "198.51.100.99:22", "198.51.100.10:80"])
def test_everything_else_is_caught(client: Client, target: str) -> None:
    address, _unused, port = target.partition(":")
    source = f"""
      await new Promise((resolve, reject) => {{
        const socket = require('net').connect({port}, '{address}', () => socket.end('GET / HTTP/1.0\\r\\n\\r\\n'));
        socket.on('close', resolve).on('error', reject).resume();
      }});
    """
    done = client.node(source)
    assert done.returncode == 0, done.stderr
    caught = [event for event in client.events("catch-all") if event["to"] == target]
    assert [event["event"] for event in caught] == ["tcp", "data"]
    assert caught[1]["sample"].startswith("GET /")


def test_a_caught_tls_hello_shows_its_server_name(client: Client) -> None:
    source = """
      await new Promise((resolve) => require('tls').connect({ host: '203.0.113.5', port: 8443,
        servername: 'tunnel.evil.test' }).on('error', resolve).on('close', resolve));
    """
    client.node(source)
    caught = [event for event in client.events("catch-all") if event.get("sni")]
    assert [(event["to"], event["sni"]) for event in caught] == [("203.0.113.5:8443", "tunnel.evil.test")]


def test_no_tls_and_no_server_name_are_logged(client: Client) -> None:
    source = """
      const wait = (socket) => new Promise((resolve) => socket.on('error', resolve).on('close', resolve).resume());
      const net = require('net');
      const plain = net.connect(443, '198.51.100.10', () => plain.write('GET / HTTP/1.1\\r\\n\\r\\n'));
      await wait(plain);
      const target = { host: '198.51.100.10', port: 443, rejectUnauthorized: false };
      const tls = require('tls').connect(target, () => tls.end());
      await wait(tls);
    """
    client.node(source)
    ably = client.events("ably")
    assert any(event["event"] == "tls_failed" and bytes.fromhex(event["first_bytes"])[:3] == b"GET" for event in ably)
    assert any(event["event"] == "tls" and event["sni"] is None for event in ably)


def test_an_untrusted_authority_is_refused_by_the_client(client: Client) -> None:
    done = client.run("env", "-u", "NODE_EXTRA_CA_CERTS", "node", str(client.program), "time")
    assert done.returncode == 1
    assert "self-signed certificate" in done.stderr or "unable to" in done.stderr
