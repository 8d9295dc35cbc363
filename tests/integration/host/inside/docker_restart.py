"""Docker restarts, by its own unit or somebody else's. Where that fails it runs afterwards, or that is said first."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.docker import docker_of
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control, Owner
from ansible_collections.ably.sandbox.tests.integration.host.inside.docker_start import (
    DAEMON_JSON,
    DROP_IN,
    IMAGE,
    KEYS,
    docker,
    file,
    find,
    go_without_a_trace,
    restart,
    start_docker,
    started,
)
from ansible_collections.ably.sandbox.tests.integration.host.inside.steps import apply, refused, roll_back, say

OWN_UNIT = Path("/etc/systemd/system/docker.service")
COUNTER = Path("/run/starts")


def whole_docker() -> Control:
    """With its units."""
    found = docker_of({"daemon_config": KEYS})
    return Control(Owner(1, "docker"), found.wishes, found.health)


def live_with_a_unit_of_somebodys_own() -> None:
    """Without docker.socket: dockerd makes its socket itself."""
    roll_back("engine")
    socket = Path("/usr/lib/systemd/system/docker.socket")
    socket.rename("/root/docker.socket")
    text = "[Service]\nType=notify\nExecStart=/usr/sbin/dockerd\n[Install]\nWantedBy=multi-user.target\n"
    with file(OWN_UNIT, text):
        say("systemctl", "daemon-reload")
        assert find() == []
        assert "unit docker.socket" not in [str(wish.resource) for wish in whole_docker().wishes]
        apply(whole_docker())
        started()
        assert apply(whole_docker()) == []
        roll_back("docker")
    Path("/root/docker.socket").rename(socket)
    say("systemctl", "daemon-reload")


def come_back_from_a_restart_that_fails() -> None:
    """The drop-in fails the second start of those that it sees, and no other."""
    script = f"echo x >> {COUNTER}; [ $(wc -l < {COUNTER}) -ne 2 ]"
    with file(DROP_IN, f"[Service]\nExecStartPre=/bin/sh -c '{script}'\n"):
        restart()
        with refused("docker.service: try-restart failed", "restored as they were") as said:
            apply(docker())
        assert "does not run" not in said[0]
        started()
        assert not DAEMON_JSON.exists()
    COUNTER.unlink()


def say_first_that_docker_does_not_run() -> None:
    """Nothing brings it back: each start but the first fails."""
    script = f"echo x >> {COUNTER}; [ $(wc -l < {COUNTER}) -lt 2 ]"
    with file(DROP_IN, f"[Service]\nExecStartPre=/bin/sh -c '{script}'\n"):
        restart()
        with refused("systemctl start docker.service", "undoing it failed as well") as said:
            apply(docker())
        assert said[0].startswith("docker.service does not run: "), said
        COUNTER.unlink()
        say("sh", "-c", said[0].partition("start it with `")[2].partition("`")[0])
        started()
        roll_back("docker")
    COUNTER.unlink()
    restart()


if __name__ == "__main__":
    start_docker()
    for check in (come_back_from_a_restart_that_fails, say_first_that_docker_does_not_run):
        print(check.__name__, flush=True)
        check()
    say("docker", "rmi", IMAGE)
    live_with_a_unit_of_somebodys_own()
    go_without_a_trace()
