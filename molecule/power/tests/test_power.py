"""QEMU dies in the middle of phase 2. The next run converges, and a rollback restores level 1.

Ten points, from the first file to the last, Docker's restart among them. `make test` cuts at one of them,
`make long-power-cuts` at every one.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from support.host import BUT_LESS_REMEMBERED, LEVEL_2, PHASE_2, Host, compare, play, play_command, play_environment
from support.provision import return_to_level_1
from support.session import assert_works

NEW_ROOT = "/var/lib/docker/1879048192.1879048192"
KEPT = "/var/lib/ably-sandbox"
# What is true on the host from a moment on, in the order of the moments.
POINTS = {
    "the range is written": "grep -q ably-sandbox-remap /etc/subuid",
    "the image is being kept": f"ls {KEPT}/.*.tar.ably-sandbox-new",
    "the image is kept": f"ls {KEPT}/*.tar",
    "the key is written": "grep -q userns-remap /etc/docker/daemon.json",
    "Docker is restarting": '[ "$(systemctl show -P ActiveState docker)" != active ]',
    "Docker is up again": f"test -d {NEW_ROOT} && systemctl is-active docker",
    "the image is being loaded": f"ls {NEW_ROOT}/tmp/*",
    "the filter is written": "test -e /etc/ably-sandbox/seccomp.json",
    "the runtime is known": "grep -q crun /etc/docker/daemon.json",
    "the profile is written": "test -e /etc/apparmor.d/ably-sandbox",
}
ONE = ("Docker is restarting",)
CHOSEN = (os.environ["ABLY_SANDBOX_POWER_CUT"],) if "ABLY_SANDBOX_POWER_CUT" in os.environ else ONE


def cut(host: Host, point: str) -> None:
    """The power goes as soon as the point is reached."""
    with subprocess.Popen(
        play_command("site", LEVEL_2, *PHASE_2),
        env=play_environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as running:  # fmt: skip
        status, text = host.call(f"timeout 240 sh -c 'until {{ {point}; }} >/dev/null 2>&1; do sleep 0.05; done'")
        assert (status, running.poll()) == (0, None), (status, text, running.poll())
        host.lose_power()
        output, _unused = running.communicate(timeout=300)
        assert running.returncode != 0, output


@pytest.mark.parametrize("name", CHOSEN)
def test_a_power_cut(level1: Host, at_level1: dict[str, object], name: str, tmp_path: Path) -> None:
    return_to_level_1(level1)
    cut(level1, POINTS[name])
    level1.wait_until_active("docker", "ably-sandbox-session.socket")
    status, output = play("site", LEVEL_2)
    assert status == 0, output
    told = level1.out("ably-sandbox status")
    assert "level:      2" in told
    assert "drift" not in told
    assert_works(level1)
    level1.out("ably-sandbox rollback --to-level 1")
    assert compare(at_level1, level1.fingerprint(), tmp_path, *BUT_LESS_REMEMBERED) == ""
