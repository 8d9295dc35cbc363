"""What a session with full code execution would try. Runs inside a session's network namespace, prints one JSON value.

Usage: attacker.py ATTACK [ARGUMENTS]. Stands alone: nothing of the collection is imported.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import sys
from typing import Any

TIMEOUT = 1.0
ETH_ARP, ETH_IP, ETH_IP6, ETH_VLAN = 0x0806, 0x0800, 0x86DD, 0x8100


def tls(address: str, port: str, name: str, wait: str = "4") -> str:
    """What the server at the end says, or what went wrong."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((address, int(port)), float(wait)) as plain:
        plain.settimeout(float(wait))
        with context.wrap_socket(plain, server_hostname=name or None) as secure:
            secure.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return secure.recv(1024).decode()


def hello(address: str, name_hex: str) -> str:
    """A TLS hello whose server name holds whatever bytes."""
    name = bytes.fromhex(name_hex)
    entry = b"\0" + struct.pack("!H", len(name)) + name
    names = struct.pack("!H", len(entry)) + entry
    extensions = struct.pack("!HH", 0, len(names)) + names
    body = (
        b"\x03\x03"
        + bytes(32)
        + b"\0"
        + b"\0\x02\x13\x01"
        + b"\x01\0"
        + struct.pack("!H", len(extensions))
        + extensions
    )
    shake = b"\x01" + struct.pack("!I", len(body))[1:] + body
    return raw_tcp(address, "443", (b"\x16\x03\x01" + struct.pack("!H", len(shake)) + shake).hex())


def raw_tcp(address: str, port: str, data_hex: str) -> str:
    """Sends bytes; the answer in hexadecimal, empty when the other side just closes."""
    with socket.create_connection((address, int(port)), 4) as connection:
        connection.settimeout(6)
        connection.sendall(bytes.fromhex(data_hex))
        return connection.recv(1024).hex()


def tcp(address: str, port: str) -> str:
    with socket.create_connection((address, int(port)), TIMEOUT):
        return "connected"


def hold(address: str, port: str, count: str) -> int:
    """How many connections stand at once."""
    held: list[socket.socket] = []
    for _unused in range(int(count)):
        try:
            held.append(socket.create_connection((address, int(port)), 0.3))
        except OSError:
            continue
    return len(held)


def udp(address: str, port: str) -> str:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(TIMEOUT)
        s.connect((address, int(port)))
        s.send(b"out")
        return s.recv(1024).decode()


def ping(address: str) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as s:
        s.settimeout(TIMEOUT)
        body = struct.pack("!BBHHH", 8, 0, 0, 1, 1)
        s.sendto(struct.pack("!BBHHH", 8, 0, checksum(body), 1, 1), (address, 0))
        s.recv(1024)
        return "answered"


def dns(address: str, name: str, kind: str, count: str = "1") -> dict[str, Any]:
    """The answer's code and addresses, and how many of `count` questions were answered at all."""
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"
    answered, last = 0, b""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(TIMEOUT)
        for number in range(int(count)):
            message = struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + question + struct.pack("!HH", int(kind), 1)
            s.sendto(message, (address, 53))
        for _unused in range(int(count)):
            try:
                last = s.recv(4096)
            except OSError:
                break
            answered += 1
    code, answers = (struct.unpack("!6H", last[:12])[1] & 15, struct.unpack("!6H", last[:12])[3]) if last else (None, 0)
    return {"answered": answered, "code": code, "address": socket.inet_ntoa(last[-4:]) if answers else None}


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def send_frame(target: str, kind: int, payload: bytes, source: str = "") -> str:
    """`source`: its hardware address, when that is not to be our own."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.bind(("eth0", 0))
        own = mac(source) if source else s.getsockname()[4]
        s.send(mac(target) + own + struct.pack("!H", kind) + payload.ljust(46, b"\0"))
    return "sent"


def packet(
    target: str, source_ip: str, target_ip: str, port: str, count: str = "1", source: str = "", vlan: str = ""
) -> str:
    """UDP packets with any source address, by raw frames; with any hardware address, in any VLAN."""
    body = struct.pack("!4H", 40000, int(port), 11, 0) + b"out"
    head = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 31, 1, 0, 64, 17, 0, socket.inet_aton(source_ip), socket.inet_aton(target_ip)
    )
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    kind, payload = (ETH_VLAN, struct.pack("!HH", int(vlan), ETH_IP) + head + body) if vlan else (ETH_IP, head + body)
    for _unused in range(int(count)):
        send_frame(target, kind, payload, source)
    return "sent"


def packet6(target: str, source_ip: str, target_ip: str, port: str) -> str:
    """A UDP packet over IPv6; its checksum is right, so that a host without a filter takes it."""
    ends = socket.inet_pton(socket.AF_INET6, source_ip) + socket.inet_pton(socket.AF_INET6, target_ip)
    body = struct.pack("!4H", 40000, int(port), 12, 0) + b"out!"
    total = checksum(ends + struct.pack("!IHBB", 12, 0, 0, 17) + body)
    body = body[:6] + struct.pack("!H", total) + body[8:]
    return send_frame(target, ETH_IP6, struct.pack("!IHBB", 6 << 28, 12, 17, 64) + ends + body)


def arp(target: str, claimed_ip: str, asked_ip: str) -> str:
    """An ARP request that claims to come from `claimed_ip`: it ends up in the cache of whoever answers."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.bind(("eth0", 0))
        own = s.getsockname()[4]
    claim = own + socket.inet_aton(claimed_ip) + bytes(6) + socket.inet_aton(asked_ip)
    return send_frame(target, ETH_ARP, struct.pack("!HHBBH", 1, ETH_IP, 6, 4, 1) + claim)


def frame(target: str, kind_hex: str) -> str:
    return send_frame(target, int(kind_hex, 16), b"hello")


ATTACKS = {f.__name__: f for f in (tls, hello, raw_tcp, tcp, hold, udp, ping, dns, packet, packet6, arp, frame)}

if __name__ == "__main__":
    try:
        print(json.dumps({"result": ATTACKS[sys.argv[1]](*sys.argv[2:])}))
    except (OSError, ssl.SSLError) as error:
        print(json.dumps({"error": type(error).__name__, "text": str(error)}))
