"""Preflight sees what is wrong with a real host, and changes nothing on it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.preflight import needs_of
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.problems import find_problems
from ansible_collections.ably.sandbox.plugins.module_utils._controls.searches import asked_of
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.plugins.module_utils._system.preflight_facts import HostReader
from ansible_collections.ably.sandbox.tests.integration.host.inside.steps import say

ASKED = needs_of(
    {
        "sandbox_level": 1,
        "sandbox_allow_rollback": False,
        "sandbox_preflight_disk_mib": 2048,
        "sandbox_docker_packages": ["haproxy", "nosuchpackage"],
        "sandbox_docker_daemon_config": {"icc": False},
        "sandbox_container_uid_base": 60600,
        "sandbox_container_sessions": 16,
        "sandbox_container_gid": 60591,
        "sandbox_container_users": ["root", "john.doe"],
        "sandbox_egress_subnet": "10.213.0.0/24",
        "sandbox_egress_proxy_uid": 60599,
        "sandbox_kernel_left_out": [],
        "sandbox_kernel_confirmed": [],
    }
)
# What makes the range somebody else's, and what makes it free again.
TAKES = (
    (("route add 10.0.0.0/8 dev tun9 table 220",), ("route flush table 220",)),
    (("route add default dev tun9 table 7", "rule add priority 100 lookup 7"), ("rule delete priority 100",)),
    (("rule add priority 100 lookup 7",), ("rule add to 10.213.0.0/24 lookup main priority 99",)),
    (("rule add priority 98 to 10.213.0.9 prohibit",), ("rule delete priority 98",)),
    (("rule delete priority 99",), ("rule add priority 99 lookup main suppress_prefixlength 0",)),
    (("link add down9 type bridge", "address add 10.213.0.9/16 dev down9"), ("link delete down9",)),
    (("rule delete priority 99",), ("rule delete priority 100", "route flush table 7")),
)
FOLDERS = ("/etc", "/var/lib", "/usr/local", "/root", "/run/systemd")


def list_files() -> list[tuple[str, int]]:
    found = (os.path.join(folder, name) for top in FOLDERS for folder, _unused, names in os.walk(top) for name in names)
    return sorted((path, os.lstat(path).st_mtime_ns) for path in found if os.path.lexists(path))


def find() -> set[str]:
    packages = ASKED.names("sandbox_docker_packages")
    facts = HostReader(Outside()).read(packages, asked_of(ASKED), ASKED.daemon_keys)
    assert facts.distribution.id == "debian"
    assert facts.first_process == "systemd"
    assert facts.level == 0
    return {problem.what for problem in find_problems(facts, ASKED)}


def see_what_takes_the_range() -> None:
    """Each by itself; the network is as before afterwards."""
    say("ip", "link", "add", "tun9", "type", "bridge")
    say("ip", "link", "set", "tun9", "up")
    for made, undone in TAKES:
        for command in made:
            say("ip", *command.split())
        assert "range 10.213.0.0/24" in find(), made
        for command in undone:
            say("ip", *command.split())
        assert "range 10.213.0.0/24" not in find(), undone
    say("ip", "link", "delete", "tun9")


def see_what_is_wrong() -> None:
    before, unspoilt = list_files(), find()
    assert list_files() == before
    assert "package nosuchpackage" in unspoilt
    assert "package haproxy" not in unspoilt
    assert {name for name in unspoilt if "sandbox_container_users" in name} == {"variable sandbox_container_users[1]"}
    see_what_takes_the_range()
    say("useradd", "--uid", "60601", "--no-create-home", "eve")
    say("ip", "link", "add", "wide", "type", "bridge")
    say("ip", "address", "add", "10.213.9.1/16", "dev", "wide")
    say("ip", "link", "set", "wide", "up")
    Path("/etc/docker").mkdir()
    Path("/etc/docker/daemon.json").write_text('{"a": 1,}', encoding="utf-8")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("0.0.0.0", 53))
        spoilt = find() - unspoilt
    assert spoilt == {
        "session ids 60600 to 60615",
        "range 10.213.0.0/24",
        "/etc/docker/daemon.json",
        "port 53/udp",
    }, spoilt
    say("userdel", "eve")
    say("ip", "link", "delete", "wide")
    Path("/etc/docker/daemon.json").unlink()
    Path("/etc/docker").rmdir()


if __name__ == "__main__":
    see_what_is_wrong()
