"""What a host is asked for, in the tests of preflight: a field that `Needs` gains is given here, once."""

from __future__ import annotations

from ipaddress import IPv4Network

from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.needs import Needs

NEEDS = Needs(
    level=1,
    packages=("haproxy", "docker.io"),
    daemon_keys=("live-restore", "log-opts"),
    subnet=IPv4Network("10.213.0.0/24"),
    uid_base=60600,
    sessions=16,
    gid=60591,
    remap_uid=60598,
    remap_first_id=1879048192,
    proxy_uid=60599,
    disk_mib=2048,
)
