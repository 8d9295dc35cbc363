"""Everything that is wrong, with variables, controller and host, in one report, in a fixed order."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from ansible_collections.ably.sandbox.tests.unit.controller.stand import Controller

# Twice what is free: of inodes this asks for, which are another line, every file system has more.
TOO_MUCH = 2 * (shutil.disk_usage("/var/lib").free // 2**20) + 1024
WRONG = {
    "sandbox_preflight_disk_mib": TOO_MUCH,
    "sandbox_docker_packages": ["no-such-package"],
    "sandbox_seccomp_additional": ["opennat"],
    "sandbox_image_npm_packages": ["@ably/cli"],
    "sandbox_egress_subnet": "10.0.0.0/33",
    "sandbox_container_sessions": "many",
    "sandbox_container_pids": 0,
    "sandbox_levl": 1,
}
# As they are numbered. In between is what this machine itself lacks of a host.
TEN = [
    "variable sandbox_levl: found a name that no role knows",
    "variable sandbox_container_sessions: found 'many', expected a whole number;",
    "variable sandbox_container_pids: found 0, expected a whole number from 1 to 100000;",
    "variable sandbox_image_npm_packages[0]: found '@ably/cli', expected a name with an exact version;",
    "variable sandbox_egress_subnet: found '10.0.0.0/33': '33' is not a valid netmask",
    "variable sandbox_seccomp_additional[0]: found 'opennat', expected a system call of Linux; did you mean openat?",
    "controller: program mmdebstrap: found none, expected it for the image of here;",
    "--tags egres: found a tag that no task has",
    "disk space in /var/cache/apt/archives, /usr, /var/lib/docker: found ",
    "package no-such-package: found in no package source",
]
OF_THIS_MACHINE = ("distribution:", "process 1:", "user:", "cgroup", "modules of", "kernel", "seccomp:", "namespaces:")


def test_ten_problems_at_once(tmp_path: Path) -> None:
    given = tmp_path / "wrong.json"
    given.write_text(json.dumps(WRONG))
    controller = Controller(tmp_path, tools=("npm",), stand_ins={})
    host = "here ansible_become=false sandbox_container_uid_base=61000"
    status, output = controller.play([host], "--check", "--tags", "egres", "-e", f"@{given}")
    assert status == 2
    report = output.partition("fatal: [here]")[2].partition(" notes: ")[0]
    found = re.split(r" \d+\. ", report)[1:]
    assert re.findall(r" (\d+)\. ", report) == [str(number) for number in range(1, len(found) + 1)]
    ours = [line for line in found if not line.startswith(OF_THIS_MACHINE)]
    assert len(ours) == len(TEN), "\n".join(ours)
    for line, text in zip(ours, TEN, strict=True):
        assert line.startswith(text)
