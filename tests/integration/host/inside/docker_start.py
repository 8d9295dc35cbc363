"""Docker's next start: what would keep it down, or bring another one to light, is known before anything changes."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ansible_collections.ably.sandbox.plugins.module_utils._ansible.docker import docker_of
from ansible_collections.ably.sandbox.plugins.module_utils._ansible.preflight import needs_of
from ansible_collections.ably.sandbox.plugins.module_utils._controls.docker.start_problems import find_problems_in_start
from ansible_collections.ably.sandbox.plugins.module_utils._controls.preflight.asked import Asked
from ansible_collections.ably.sandbox.plugins.module_utils._controls.wishes import footprint, package, unit
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Control, Owner
from ansible_collections.ably.sandbox.plugins.module_utils._system.docker_presence import read_data_root
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.plugins.module_utils._system.preflight_facts import HostReader
from ansible_collections.ably.sandbox.tests.integration.host.inside.archives import make_archive
from ansible_collections.ably.sandbox.tests.integration.host.inside.preflight import ASKED
from ansible_collections.ably.sandbox.tests.integration.host.inside.steps import (
    apply,
    control,
    refused,
    roll_back,
    say,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = control("packages", footprint("package_set", "host"), *map(package, ("docker.io", "docker-cli", "nftables")))
ENGINE = control(
    "engine", footprint("docker_trace", "host"), *map(unit, ("containerd.service", "docker.socket", "docker.service"))
)
DAEMON_JSON = Path("/etc/docker/daemon.json")
DROP_IN = Path("/etc/systemd/system/docker.service.d/others.conf")
DEBIANS = "-H fd:// --containerd=/run/containerd/containerd.sock"
KEYS = {"live-restore": True, "no-new-privileges": True}
WITHOUT_US = "Docker would not start with this file, also without us"
IMAGE = "others:1"


def docker() -> Control:
    """As the module has it, without the units and traces that are the test's own, and without the countdown."""
    found = docker_of({"daemon_config": KEYS})
    wishes = [wish for wish in found.wishes if wish.resource.kind in {"file", "shared_file", "json_key"}]
    return Control(Owner(1, "docker"), tuple(wishes), found.health)


def find(level: int = 1) -> list[str]:
    needs = needs_of({**ASKED.variables, "sandbox_level": level, "sandbox_docker_daemon_config": KEYS})
    facts = HostReader(Outside()).read((), Asked(), needs.daemon_keys)
    assert not facts.docker.silence
    return [str(problem) for problem in find_problems_in_start(facts.docker.start, needs.daemon_keys)]


def started() -> str:
    """Another one after each start; says besides that Docker answers."""
    say("docker", "version")
    return say("systemctl", "show", "--property=InvocationID", "--value", "docker.service")


def restart() -> None:
    say("systemctl", "daemon-reload")
    say("systemctl", "reset-failed", "docker.service", "docker.socket")
    say("systemctl", "restart", "docker.service")


@contextmanager
def file(path: Path, content: bytes | str) -> Iterator[None]:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    try:
        yield
    finally:
        path.unlink()


def with_flags(flags: str, more: str = "") -> str:
    return f"[Service]\n{more}\nExecStart=\nExecStart=/usr/sbin/dockerd {flags}\n"


REFUSED: tuple[tuple[bytes, str], ...] = (
    (b'{"hosts": ["unix:///var/run/docker.sock"]}', WITHOUT_US),
    (b'{"graph": "/var/lib/docker"}', WITHOUT_US),
    (b'{"ipv6": "true"}', WITHOUT_US),
    (b'{"allow-direct-routing": true}', WITHOUT_US),
    (b'{"default-runtime": "crun"}', WITHOUT_US),
    (b'{"iptables": false, "icc": false}', WITHOUT_US),
    (b'{"exec-opts": ["native.cgroupdriver=cgroupfs"]}', "found native.cgroupdriver=cgroupfs, expected systemd"),
    (b'{"storage-driver": "vfs"}', "found overlay2, and vfs from its next start on"),
    (b"\xef\xbb\xbf{}", "Docker reads it, this collection does not rewrite such a file; remove it with sed"),
    ("{}".encode("utf-16"), "Docker reads it, this collection does not rewrite such a file; write it in UTF-8"),
    (b'{"icc": true, "icc": false}', "the key 'icc' is there twice, expected each key once; Docker reads it"),
    (b"null", "write {} in its place"),
    (b'{"icc": true,}', "Docker cannot start with it either; mend it"),
)


def refuse_before_anything_changes() -> None:
    """By preflight and by the control, each in the same words where the control can come to it."""
    before = started()
    for content, words in REFUSED:
        with file(DAEMON_JSON, content):
            found = find()
            assert len(found) == 1, (content, found)
            assert words in found[0], (content, found)
            with refused():
                apply(docker())
            assert DAEMON_JSON.read_bytes() == content
    assert started() == before


def refuse_a_link() -> None:
    with file(Path("/root/real.json"), "{}"):
        DAEMON_JSON.symlink_to("/root/real.json")
        (found,) = find()
        assert "Docker reads it" in found
        assert "cp --remove-destination /root/real.json" in found
        with refused():
            apply(docker())
        DAEMON_JSON.unlink()


def take_the_unit_s_real_flags() -> None:
    """Not read by systemd yet: they count from the next start on, which is ours."""
    before = started()
    with file(DROP_IN, with_flags(f"{DEBIANS} --add-runtime=x=/usr/bin/runc")):
        assert find(2) == []
    with file(DROP_IN, with_flags(f"{DEBIANS} $MORE", "Environment=MORE=--live-restore")):
        assert "found --live-restore, expected live-restore in daemon.json alone" in find()[0]
        with refused("live-restore"):
            apply(docker())
    with file(DROP_IN, with_flags(f"{DEBIANS} --data-root=/data/docker")):
        assert "found /var/lib/docker, and /data/docker from its next start on" in find()[0]
    assert started() == before
    assert find() == []


def restart_with_others_runtime() -> None:
    with file(DROP_IN, with_flags(f"{DEBIANS} --add-runtime=x=/usr/bin/runc")):
        apply(docker())
        assert apply(docker()) == []
        assert '"x"' in say("docker", "info", "--format", "{{json .Runtimes}}")
        roll_back("docker")


def refuse_one_that_listens_elsewhere() -> None:
    with file(DROP_IN, with_flags("-H tcp://127.0.0.1:2375 --containerd=/run/containerd/containerd.sock")):
        restart()
        since = time.monotonic()
        (found,) = find()
        assert time.monotonic() - since < 10
        assert "found tcp://127.0.0.1:2375, expected unix:///run/docker.sock among them" in found
        with refused("tcp://127.0.0.1:2375"):
            apply(docker())
        assert not DAEMON_JSON.exists()


def go_there_and_back_on_another_data_root() -> None:
    with file(DROP_IN, with_flags(f"{DEBIANS} --data-root=/data/docker")):
        restart()
        assert find() == []
        assert read_data_root(Outside()) == "/data/docker"
        apply(docker())
        assert say("docker", "info", "--format", "{{.DockerRootDir}}").strip() == "/data/docker"
        roll_back("docker")
        assert say("docker", "info", "--format", "{{.DockerRootDir}}").strip() == "/data/docker"
    restart()
    # Docker mounts its folder over itself, and leaves it so.
    say("umount", "/data/docker")
    say("rm", "-rf", "/data")


def refuse_a_way_back_that_keeps_docker_down() -> None:
    """Somebody's key, written since; Docker runs on without having read it."""
    apply(docker())
    before, ours = started(), DAEMON_JSON.read_bytes()
    DAEMON_JSON.write_bytes(ours.replace(b"{", b'{"ipv6": "true",', 1))
    with refused(WITHOUT_US):
        roll_back("docker")
    assert started() == before
    DAEMON_JSON.write_bytes(ours)
    roll_back("docker")
    assert started() != before


def start_docker() -> None:
    apply(PACKAGES)
    apply(ENGINE)
    make_archive(Path("/root/others.tar"), IMAGE, "/others")
    say("docker", "load", "--input", "/root/others.tar")


def go_without_a_trace() -> None:
    roll_back()
    Path("/root/others.tar").unlink()
    for folder in (DAEMON_JSON.parent, DROP_IN.parent):
        if folder.is_dir():
            folder.rmdir()


if __name__ == "__main__":
    start_docker()
    for check in (
        refuse_before_anything_changes,
        refuse_a_link,
        take_the_unit_s_real_flags,
        restart_with_others_runtime,
        refuse_one_that_listens_elsewhere,
        go_there_and_back_on_another_data_root,
        refuse_a_way_back_that_keeps_docker_down,
    ):
        print(check.__name__, flush=True)
        check()
    say("docker", "rmi", IMAGE)
    go_without_a_trace()
