"""What is read of Docker's next start, under a scratch root, with a dockerd that says what it is told to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.docker.control import docker_control
from ansible_collections.ably.sandbox.plugins.module_utils._engine.errors import RefusedError
from ansible_collections.ably.sandbox.plugins.module_utils._engine.resources import Resource
from ansible_collections.ably.sandbox.plugins.module_utils._engine.states import ABSENT
from ansible_collections.ably.sandbox.plugins.module_utils._engine.steps import Change
from ansible_collections.ably.sandbox.plugins.module_utils._formats.resource_facts import JsonKeyFacts
from ansible_collections.ably.sandbox.plugins.module_utils._system import docker_start
from ansible_collections.ably.sandbox.plugins.module_utils._system.commands import ENVIRONMENT
from ansible_collections.ably.sandbox.plugins.module_utils._system.docker_api import DockerUnreachableError
from ansible_collections.ably.sandbox.plugins.module_utils._system.docker_command import read_docker_command
from ansible_collections.ably.sandbox.plugins.module_utils._system.docker_presence import read_data_root
from ansible_collections.ably.sandbox.plugins.module_utils._system.docker_start import DockerService, StartReader
from ansible_collections.ably.sandbox.plugins.module_utils._system.providers.json_key import JsonKeyProvider

from .conftest import CountingOutside

STOPPED = DockerService(is_active=False, command=())
DEBIANS = ("/usr/sbin/dockerd", "-H", "fd://", "--containerd=/run/containerd/containerd.sock")
# Refuses a file in which the word stands that it was told; notes what it was shown.
DOCKERD = """#!/bin/sh
case $1 in --version) echo 'Docker version VERSION.5, build 1'; exit ;; esac
file=${2#--config-file=}
cat "$file" >> "$0.shown"; echo " $*" >> "$0.shown"
grep -q "$(cat "$0.refuses")" "$file" || exit 0
echo "unable to configure the Docker daemon with file $file: no"
exit 1
"""
Dockerd = Callable[..., Path]


@pytest.fixture
def dockerd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dockerd:
    """`dockerd(refuses, version, state)` puts it in place; what it returns is the note of what it was shown."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setitem(ENVIRONMENT, "PATH", f"{programs}:/usr/bin:/bin")

    def put(refuses: str = "nothing of this", version: str = "26.1", state: str = "inactive") -> Path:
        (programs / "systemctl").write_text(f"#!/bin/sh\necho MainPID=0\necho ActiveState={state}\n")
        (programs / "dockerd").write_text(DOCKERD.replace("VERSION", version))
        (programs / "dockerd.refuses").write_text(refuses)
        for name in ("systemctl", "dockerd"):
            (programs / name).chmod(0o755)
        return programs / "dockerd.shown"

    return put


def write(root: Path, path: str, text: str | bytes) -> None:
    file = root / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode() if isinstance(text, str) else text)


def test_a_docker_that_is_not_there_yet_is_debians_with_what_is_left_over(root: Path, outside: CountingOutside) -> None:
    assert read_docker_command(outside) == DEBIANS
    write(root, "/etc/default/docker", 'DOCKER_OPTS="--data-root=/data/docker -D"\n')
    assert read_docker_command(outside) == (*DEBIANS, "--data-root=/data/docker", "-D")
    assert read_data_root(outside) == "/data/docker"
    write(root, "/etc/docker/daemon.json", '\ufeff{"data-root": "/of/the/file"}')
    assert read_data_root(outside) == "/of/the/file"


def test_drop_ins_go_by_their_names_and_an_earlier_folder_hides_a_later_one(
    root: Path, outside: CountingOutside
) -> None:
    drop_in = "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd --label={}\n"
    write(root, "/usr/lib/systemd/system/docker.service", "[Service]\nExecStart=/usr/bin/dockerd\n")
    write(root, "/usr/lib/systemd/system/docker.service.d/20.conf", drop_in.format("vendor"))
    assert read_docker_command(outside) == ("/usr/bin/dockerd", "--label=vendor")
    write(root, "/etc/systemd/system/docker.service.d/10.conf", drop_in.format("early"))
    assert read_docker_command(outside) == ("/usr/bin/dockerd", "--label=vendor")
    write(root, "/etc/systemd/system/docker.service.d/20.conf", "")
    assert read_docker_command(outside) == ("/usr/bin/dockerd", "--label=early")


def test_dockerd_is_shown_the_merged_file_with_the_unit_s_flags(
    root: Path, outside: CountingOutside, dockerd: Dockerd
) -> None:
    shown = dockerd()
    write(root, "/etc/docker/daemon.json", '{"debug": true}')
    reader = StartReader(outside)
    start = reader.validate(reader.read_files(STOPPED), {"icc": False, "userns-remap": "no-such-user"}, None)
    assert (start.is_validated, start.refused, start.refused_with_ours) == (True, "", "")
    flags = " ".join(DEBIANS[1:])
    assert shown.read_text() == f'{{"debug": true, "icc": false}} --validate --config-file=/proc/self/fd/0 {flags}\n'
    assert outside.steps == []


@pytest.mark.parametrize(("refuses", "alone"), [("debug", "no"), ("icc", "")])
def test_it_is_known_whether_the_file_alone_is_refused(
    root: Path, outside: CountingOutside, dockerd: Dockerd, refuses: str, alone: str
) -> None:
    dockerd(refuses)
    write(root, "/etc/docker/daemon.json", '{"debug": true}')
    reader = StartReader(outside)
    start = reader.validate(reader.read_files(STOPPED), {"icc": False}, None)
    assert (start.refused, start.refused_with_ours) == (alone, "no")


def test_asked_is_the_dockerd_that_the_unit_starts(root: Path, outside: CountingOutside, dockerd: Dockerd) -> None:
    """And that of the path where the unit's is not there."""
    shown = dockerd(version="28.1")
    own = root / "own" / "dockerd"
    write(root, "/own/dockerd", DOCKERD.replace("VERSION", "26.1"))
    write(root, "/own/dockerd.refuses", "debug")
    write(root, "/usr/lib/systemd/system/docker.service", f"[Service]\nExecStart={own} -H fd://\n")
    write(root, "/etc/docker/daemon.json", '{"debug": true}')
    reader = StartReader(outside)
    start = reader.validate(reader.read_files(STOPPED), {}, None)
    assert (start.program, start.version, start.refused) == ("dockerd", (28, 1), "")
    shown.unlink()
    own.chmod(0o755)
    start = reader.validate(reader.read_files(STOPPED), {}, None)
    assert (start.program, start.version, start.refused) == (str(own), (26, 1), "no")
    assert not shown.exists()


def test_without_systemd_no_docker_runs(outside: CountingOutside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENVIRONMENT, "PATH", "/nowhere")
    assert StartReader(outside).read_service() == STOPPED


def test_one_that_cannot_validate_is_not_asked(root: Path, outside: CountingOutside, dockerd: Dockerd) -> None:
    shown = dockerd(version="20.10")
    reader = StartReader(outside)
    start = reader.validate(reader.read_files(STOPPED), {"icc": False}, None)
    assert (start.version, start.is_validated, shown.exists()) == ((20, 10), False, False)


def test_what_runs_is_known_by_what_it_reports(root: Path, outside: CountingOutside, dockerd: Dockerd) -> None:
    dockerd()
    info = {
        "DockerRootDir": "/data/docker/100000.100000", "SecurityOptions": ["name=seccomp", "name=userns"],
        "CgroupDriver": "systemd", "Driver": "overlay2", "DriverStatus": [["Backing Filesystem", "extfs"]],
        "Containers": 0, "Images": 0, "Swarm": {"LocalNodeState": "active"},
    }  # fmt: skip
    reader = StartReader(outside)
    start = reader.validate(reader.read_files(STOPPED), {}, info)
    assert start.running is not None
    assert (start.running.data_root, start.running.is_remapped, start.running.is_empty) == ("/data/docker", True, True)
    assert start.in_swarm
    write(root, "/data/docker/100000.100000/volumes/theirs/_data/x", "")
    start = reader.validate(reader.read_files(STOPPED), {}, info)
    assert start.running is not None
    assert not start.running.is_empty


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"\xef\xbb\xbf{}", "a byte order mark at its start"), (None, "/etc/docker/daemon.json: is not an ordinary file")],
)
def test_a_file_that_is_not_changed_in_place(
    root: Path, outside: CountingOutside, dockerd: Dockerd, content: bytes | None, found: str
) -> None:
    dockerd()
    if content is None:
        (root / "etc/docker").mkdir()
        os.mkfifo(root / "etc/docker/daemon.json")
    else:
        write(root, "/etc/docker/daemon.json", content)
    reader = StartReader(outside)
    oddity = reader.validate(reader.read_files(STOPPED), {}, None).oddity
    assert oddity is not None
    assert oddity.found == found


@pytest.mark.parametrize(("is_there", "found"), [(True, "{}"), (False, "{}, which is not there")])
def test_a_folder_that_is_a_link_is_known_before_the_control_meets_it(
    root: Path, outside: CountingOutside, dockerd: Dockerd, is_there: bool, found: str
) -> None:
    dockerd()
    if is_there:
        write(root, "/srv/docker/daemon.json", "{}")
    target = os.path.realpath(root / "srv/docker")
    (root / "etc/docker").symlink_to(target)
    reader = StartReader(outside)
    start = reader.validate(reader.read_files(STOPPED), {}, None)
    assert start.oddity is not None
    assert start.oddity.found == f"/etc/docker, a symbolic link to {found.format(target)}"
    assert start.is_validated == is_there


def test_the_control_refuses_in_the_same_words_before_it_writes(
    root: Path, outside: CountingOutside, dockerd: Dockerd
) -> None:
    dockerd()
    write(root, "/etc/docker/daemon.json", '{"hosts": ["unix:///var/run/docker.sock"]}')
    wish = next(wish for wish in docker_control({"icc": False}).wishes if wish.resource.kind == "json_key")
    assert wish.state is not None
    change = Change(wish.resource, ABSENT, wish.state, wish.activates, wish.check)
    with pytest.raises(
        RefusedError, match=r"found hosts, and --host on dockerd's command line.*also without us.*nothing"
    ):
        JsonKeyProvider(outside).rehearse(change)
    assert outside.steps == []


class Api:
    """Reports a Docker that works on the default folder, and has containers."""

    root: Path
    is_remapped = False
    is_silent = False

    def __init__(self, path: str, _timeout: float) -> None:
        assert path == str(self.root / "run/docker.sock")

    def get(self, path: str) -> dict[str, Any]:
        assert path == "/info"
        if self.is_silent:
            raise DockerUnreachableError("docker: no answer")
        folder, options = ("/1.1", ["name=userns"]) if self.is_remapped else ("", [])
        data_root = f"{self.root}/var/lib/docker{folder}"
        return {"DockerRootDir": data_root, "SecurityOptions": options, "Driver": "overlay2", "Containers": 3}


@pytest.fixture
def running(root: Path, dockerd: Dockerd, monkeypatch: pytest.MonkeyPatch) -> type[Api]:
    dockerd(state="active")
    monkeypatch.setattr(docker_start, "DockerApi", Api)
    monkeypatch.setattr(Api, "root", root, raising=False)
    return Api


def go_back(outside: CountingOutside, key: str = "icc", value: Any = False, before: Any = None) -> None:
    """Asks whether the key may go back, which we set to `value`."""
    state = ABSENT if before is None else JsonKeyFacts(before).state
    change = Change(Resource("json_key", f"/etc/docker/daemon.json#{key}"), JsonKeyFacts(value).state, state)
    JsonKeyProvider(outside).consent([change], force=False)


def test_what_goes_back_brings_no_other_docker_to_light(
    root: Path, outside: CountingOutside, running: type[Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, "/etc/docker/daemon.json", '{"icc": false, "data-root": "/new/docker"}')
    with pytest.raises(RefusedError, match=r"Docker's data root: found .*, and .*/new/docker from its next start on"):
        go_back(outside)
    write(root, "/etc/docker/daemon.json", '{"icc": false, "storage-driver": "vfs"}')
    with pytest.raises(RefusedError, match="Docker's storage driver: found overlay2, and vfs from its next start on"):
        go_back(outside)
    monkeypatch.setattr(running, "is_silent", True)
    go_back(outside)


def test_what_goes_back_itself_counts_as_it_will_be(root: Path, outside: CountingOutside, running: type[Api]) -> None:
    write(root, "/etc/docker/daemon.json", '{"data-root": "/new/docker"}')
    go_back(outside, "data-root", "/new/docker")
    write(root, "/etc/docker/daemon.json", '{"live-restore": false}')
    with pytest.raises(RefusedError, match="Docker's data root"):
        go_back(outside, "data-root", "/var/lib/docker", "/new/docker")


def test_remapped_ids_of_ours_go_back(
    root: Path, outside: CountingOutside, running: type[Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "is_remapped", True)
    write(root, "/etc/docker/daemon.json", '{"icc": false, "userns-remap": "ably-sandbox-remap"}')
    go_back(outside)
    go_back(outside, "userns-remap", "ably-sandbox-remap")
    write(root, "/etc/docker/daemon.json", '{"icc": false}')
    with pytest.raises(RefusedError, match="Docker's remapping of ids: found on, and off from its next start on"):
        go_back(outside)
    write(root, "/etc/subuid", "ably-sandbox-remap:1:65536\n")
    go_back(outside)


def test_a_profile_that_is_not_there_is_missed_present_asked_for_or_going_back(
    root: Path, outside: CountingOutside, running: type[Api]
) -> None:
    write(root, "/etc/docker/daemon.json", '{"seccomp-profile": "builtin"}')
    write(root, "/etc/docker/there.json", "{}")
    reader = StartReader(outside)
    start = reader.read_files(STOPPED)
    for path, missing in (("/etc/docker/there.json", []), ("/gone.json", ["/gone.json"]), ("unconfined", [])):
        assert [*reader.validate(start, {"seccomp-profile": path}, None).missing_files] == missing
    go_back(outside, "seccomp-profile", "builtin", "/etc/docker/there.json")
    with pytest.raises(RefusedError, match=r"seccomp-profile: found /gone\.json, which is not there, expected a file"):
        go_back(outside, "seccomp-profile", "builtin", "/gone.json")
    write(root, "/etc/docker/daemon.json", '{"seccomp-profile": "/gone.json"}')
    go_back(outside, "seccomp-profile", "/gone.json", "builtin")
