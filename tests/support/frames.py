"""Runs on the host: forges frames in a session's network as root, and counts what the filter drops of each kind.

    python3 - PID ADDRESS MAC GATEWAY GATEWAY_MAC PEER PEER_MAC    prints {kind: drops} as JSON

PID: a process in that network; ADDRESS and MAC: the session's own. A session has no raw sockets; whoever has them in
there, by whatever means, gets no further.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys

NEWNET = 0x40000000
ARP, IP, IP6, VLAN = 0x0806, 0x0800, 0x86DD, 0x8100
BROADCAST, MULTICAST = "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01"


def mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def udp(source: str, target: str, port: int) -> bytes:
    body = struct.pack("!4H", 40000, port, 14, 0) + b"forged"
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, 17, 0)
    head += socket.inet_aton(source) + socket.inet_aton(target)
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    return head[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + head[12:] + body


def arp(operation: int, sender_mac: str, sender: str, target: str) -> bytes:
    claim = mac(sender_mac) + socket.inet_aton(sender) + bytes(6) + socket.inet_aton(target)
    return struct.pack("!HHBBH", 1, IP, 6, 4, operation) + claim


def solicit(target: str) -> bytes:
    """A neighbour solicitation of IPv6. Nobody gets far enough to check its sum."""
    address = socket.inet_pton(socket.AF_INET6, target)
    body = struct.pack("!BBHI", 135, 0, 0, 0) + address
    return (
        struct.pack("!IHBB", 6 << 28, len(body), 58, 255)
        + socket.inet_pton(socket.AF_INET6, "fe80::7")
        + address
        + body
    )


def make_frames(own: str, own_mac: str, gateway: str, gateway_mac: str, peer: str, peer_mac: str) -> dict[str, bytes]:
    def frame(target: str, source: str, kind: int, payload: bytes) -> bytes:
        return mac(target) + mac(source) + struct.pack("!H", kind) + payload.ljust(46, b"\0")

    tagged = struct.pack("!HH", 7, IP) + udp(own, gateway, 53)
    return {
        "another session's address": frame(gateway_mac, own_mac, IP, udp(peer, gateway, 53)),
        "another session's hardware address": frame(gateway_mac, peer_mac, IP, udp(own, gateway, 53)),
        "both of another session": frame(gateway_mac, peer_mac, IP, udp(peer, gateway, 53)),
        "the gateway's address": frame(gateway_mac, own_mac, IP, udp(gateway, "198.51.100.99", 53)),
        "an address outside": frame(gateway_mac, own_mac, IP, udp("192.0.2.7", gateway, 53)),
        "to the other session": frame(peer_mac, own_mac, IP, udp(own, peer, 9)),
        "to the other session by the gateway": frame(gateway_mac, own_mac, IP, udp(own, peer, 9)),
        "to everybody": frame(BROADCAST, own_mac, IP, udp(own, "255.255.255.255", 9)),
        "to a group": frame(MULTICAST, own_mac, IP, udp(own, "224.0.0.1", 9)),
        "arp request": frame(BROADCAST, own_mac, ARP, arp(1, own_mac, own, peer)),
        "arp as the gateway": frame(peer_mac, own_mac, ARP, arp(2, own_mac, gateway, peer)),
        "ipv6 neighbour solicitation": frame("33:33:ff:00:00:01", own_mac, IP6, solicit("fe80::1")),
        "in a vlan": frame(gateway_mac, own_mac, VLAN, tagged),
    }


def count_drops() -> int:
    listed = json.loads(subprocess.run(("nft", "-j", "list", "counters"), capture_output=True, check=True).stdout)
    counters = [item["counter"] for item in listed["nftables"] if "counter" in item]
    return sum(counter["packets"] for counter in counters if counter["table"] == "ably_sandbox")


def main(pid: str, *addresses: str) -> None:
    with open("/proc/self/ns/net") as own, open(f"/proc/{pid}/ns/net") as theirs:
        os.setns(theirs.fileno(), NEWNET)
        sending = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        sending.bind(("eth0", 0))
        os.setns(own.fileno(), NEWNET)
    drops = {}
    for kind, frame in make_frames(*addresses).items():
        before = count_drops()
        sending.send(frame)
        drops[kind] = count_drops() - before
    print(json.dumps(drops))


if __name__ == "__main__":
    main(*sys.argv[1:])
