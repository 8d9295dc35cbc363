"""Preflight sees what is wrong with a real host, and changes nothing on it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.preflight import needs_of
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.problems import find_problems
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
        "sandbox_egress_subnet": "10.213.0.0/24",
        "sandbox_egress_proxy_uid": 60599,
        "sandbox_kernel_left_out": [],
        "sandbox_kernel_confirmed": [],
    }
)
FOLDERS = ("/etc", "/var/lib", "/usr/local", "/root", "/run/systemd")


def list_files() -> list[tuple[str, int]]:
    found = (os.path.join(folder, name) for top in FOLDERS for folder, _, names in os.walk(top) for name in names)
    return sorted((path, os.lstat(path).st_mtime_ns) for path in found if os.path.lexists(path))


def find() -> set[str]:
    facts = HostReader(Outside()).read(ASKED.names("sandbox_docker_packages"), ASKED.daemon_keys)
    assert facts.distribution.id == "debian"
    assert facts.first_process == "systemd"
    assert facts.level == 0
    return {problem.what for problem in find_problems(facts, ASKED)}


def see_what_is_wrong() -> None:
    before, unspoilt = list_files(), find()
    assert list_files() == before
    assert "package nosuchpackage" in unspoilt
    assert "package haproxy" not in unspoilt
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
