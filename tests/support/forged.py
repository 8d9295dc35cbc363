"""Frames that root forges in one session's network, with another session beside: dropped, counted, seen by nobody."""

from __future__ import annotations

import json
from pathlib import Path

from support.host import Host
from support.session import Terminal

_ON_HOST = Path(__file__).with_name("frames.py")
_GATEWAY, _GATEWAY_MAC = "10.213.0.1", "02:ab:1e:00:00:00"
_PIDS = "docker ps --quiet --filter label=io.ably.sandbox.session | xargs docker inspect --format '{{.State.Pid}}'"
_INTERFACE = "nsenter --net --target {} ip -json address show dev eth0"
_RECEIVED = "awk '$1 == \"eth0:\" {{print $3}}' /proc/{}/net/dev"
_CAPTURE = "/run/lab/capture.txt"


def assert_forged_frames_are_dropped(host: Host) -> None:
    with Terminal(host), Terminal(host):
        (own, own_pid), (peer, peer_pid) = ((_addresses(host, pid), pid) for pid in host.out(_PIDS).split())
        host.out(f"truncate --size=0 {_CAPTURE}")
        received = host.out(_RECEIVED.format(peer_pid))
        known = host.out("ip neighbor show dev ably-gateway")
        command = " ".join(("python3 -", own_pid, *own, _GATEWAY, _GATEWAY_MAC, *peer))
        drops = json.loads(host.out(command, stdin=_ON_HOST.read_bytes()))
        print(f"forged frames: {drops}")
        assert len(drops) == 13
        assert [kind for kind, dropped in drops.items() if dropped != 1] == []
        assert host.out(_RECEIVED.format(peer_pid)) == received
        assert host.out("ip neighbor show dev ably-gateway") == known
        assert host.out(f"cat {_CAPTURE}") == ""


def _addresses(host: Host, pid: str) -> tuple[str, str]:
    (found,) = json.loads(host.out(_INTERFACE.format(pid)))
    (address,) = found["addr_info"]
    return address["local"], found["address"]
