"""All keys of daemon.json with the type that Docker takes, for where dockerd cannot be asked: 20.10, or none yet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

_WORDS = {
    "true or false": (
        "cri-containerd debug experimental icc init ip-forward ip-masq ip6tables iptables ipv6 live-restore "
        "no-new-privileges raw-logs rootless selinux-enabled tls tlsverify userland-proxy"
    ),
    "a text": (
        "api-cors-header bip bridge cgroup-parent containerd containerd-namespace containerd-plugin-namespace "
        "data-root default-cgroupns-mode default-gateway default-gateway-v6 default-ipc-mode default-runtime "
        "deprecated-key-path exec-root fixed-cidr fixed-cidr-v6 group host-gateway-ip init-path ip log-driver "
        "log-level metrics-addr pidfile seccomp-profile storage-driver swarm-default-advertise-addr tlscacert tlscert "
        "tlskey userland-proxy-path userns-remap"
    ),
    "a whole number": (
        "cpu-rt-period cpu-rt-runtime max-concurrent-downloads max-concurrent-uploads max-download-attempts mtu "
        "network-control-plane-mtu network-diagnostic-port oom-score-adjust shutdown-timeout "
        "swarm-raft-election-tick swarm-raft-heartbeat-tick"
    ),
    "a list": (
        "allow-nondistributable-artifacts authorization-plugins default-address-pools dns dns-opts dns-search "
        "exec-opts hosts insecure-registries labels node-generic-resources registry-mirrors storage-opts"
    ),
    "an object": "builder default-ulimits features log-opts runtimes",
    "a text or a number": "default-shm-size",
}
# Taken by 20.10, refused from 23.0 on.
_FORMER = {
    "graph": "a text",
    "cluster-advertise": "a text",
    "cluster-store": "a text",
    "cluster-store-opts": "an object",
}
_LATER = {
    "allow-direct-routing": "true or false",
    "bip6": "a text",
    "bridge-accept-fwmark": "a text",
    "cdi-spec-dirs": "a list",
    "default-network-opts": "an object",
    "firewall-backend": "a text",
    "host-gateway-ips": "a list",
    "ip-forward-no-drop": "true or false",
    "log-format": "a text",
    "min-api-version": "a text",
    "nri-opts": "an object",
    "proxies": "an object",
}
# What is in objects and lists, where that is of one kind. Lists are of texts, but for the one here.
_ITEMS = {
    "cluster-store-opts": "a text",
    "default-address-pools": "an object",
    "default-network-opts": "an object",
    "default-ulimits": "an object",
    "features": "true or false",
    "log-opts": "a text",
    "proxies": "a text",
    "runtimes": "an object",
}
_VALIDATES = (23, 0)
_ALWAYS: Mapping[str, str] = {key: kind for kind, keys in _WORDS.items() for key in keys.split()}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "true or false": (bool,),
    "a text": (str,),
    "a whole number": (int,),
    "a list": (list,),
    "an object": (dict,),
    "a text or a number": (str, int),
}


def find_unknown_keys(values: Mapping[str, Any], version: tuple[int, int] | None) -> Iterator[str]:
    """What Docker of this release would refuse; without one, whatever release may come. null is nothing to Docker."""
    known = {**_ALWAYS, **(_FORMER if version is not None and version < _VALIDATES else _LATER)}
    for key, value in values.items():
        kind = known.get(key)
        if kind is None:
            yield f"{key}, a key that Docker does not know"
        elif value is not None and not _is_of(value, kind):
            yield f"{key}: {json.dumps(value)}, not {kind}"
        else:
            yield from _find_unknown_items(key, value)


def _find_unknown_items(key: str, value: Any) -> Iterator[str]:
    items: Mapping[str, Any] = {}
    if isinstance(value, dict):
        items = value
    elif isinstance(value, list):
        items = {f"item {number}": item for number, item in enumerate(value, 1)}
    kind = _ITEMS.get(key, "a text" if isinstance(value, list) else "")
    for name, item in items.items():
        if kind and item is not None and not _is_of(item, kind):
            yield f"{name} in {key}: {json.dumps(item)}, not {kind}"


def _is_of(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "true or false"
    return isinstance(value, _TYPES[kind])
