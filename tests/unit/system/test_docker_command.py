"""What docker.service says, under a scratch root: what it starts, and why systemd would not start it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._controls.docker.start import NO_FAULTS, UnitFaults
from ansible_collections.ably.sandbox.plugins.module_utils._system.commands import ENVIRONMENT
from ansible_collections.ably.sandbox.plugins.module_utils._system.docker_command import (
    find_unit_faults,
    read_docker_command,
)
from ansible_collections.ably.sandbox.plugins.module_utils._system.docker_start import DockerService, StartReader

from .conftest import CountingOutside

UNIT = "/usr/lib/systemd/system/docker.service"
DROP_IN = "/etc/systemd/system/docker.service.d/x.conf"


@pytest.fixture
def dockerd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The path of one that can be run, and that is found."""
    file = tmp_path / "bin" / "dockerd"
    write(tmp_path, "/bin/dockerd", "#!/bin/sh\n")
    file.chmod(0o755)
    monkeypatch.setitem(ENVIRONMENT, "PATH", f"{tmp_path}/bin")
    return str(file)


def write(root: Path, path: str, text: str) -> None:
    file = root / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_specifiers_are_put_in(root: Path, outside: CountingOutside) -> None:
    write(root, UNIT, "[Service]\nEnvironmentFile=-%E/default/%p\nExecStart=/usr/bin/dockerd --label=%H $DOCKER_OPTS\n")
    write(root, "/etc/default/docker", "OWNER=O'Brien\nDOCKER_OPTS=--icc\n")
    assert read_docker_command(outside) == ("/usr/bin/dockerd", f"--label={os.uname().nodename}", "--icc")


def test_one_command_counts(root: Path, outside: CountingOutside, dockerd: str) -> None:
    write(root, UNIT, f"[Service]\nExecStart={dockerd}\n")
    write(root, DROP_IN, f"[Service]\nExecStart=\nExecStart={dockerd} -D\n")
    assert find_unit_faults(outside) == NO_FAULTS
    write(root, DROP_IN, f"[Service]\nExecStart={dockerd} -D\n")
    assert find_unit_faults(outside) == UnitFaults((dockerd, f"{dockerd} -D"))
    start = StartReader(outside).read_files(DockerService(is_active=False, command=()))
    assert start.unit_faults.exec_starts == (dockerd, f"{dockerd} -D")
    write(root, DROP_IN, f"[Service]\nType=oneshot\nExecStart={dockerd} -D\n")
    assert find_unit_faults(outside) == NO_FAULTS


def test_an_environment_file_without_a_dash_has_to_be_there(root: Path, outside: CountingOutside, dockerd: str) -> None:
    files = "EnvironmentFile=/etc/sysconfig/%p\nEnvironmentFile=/etc/docker.d/*.env\nEnvironmentFile=-/etc/no\n"
    write(root, UNIT, f"[Service]\n{files}ExecStart={dockerd}\n")
    assert find_unit_faults(outside) == UnitFaults(missing_files=("/etc/sysconfig/docker", "/etc/docker.d/*.env"))
    write(root, "/etc/sysconfig/docker", "")
    write(root, "/etc/docker.d/1.env", "")
    assert find_unit_faults(outside) == NO_FAULTS


def test_the_program_has_to_be_there_and_to_be_one(root: Path, outside: CountingOutside, dockerd: str) -> None:
    write(root, UNIT, "[Service]\nExecStart=-/opt/docker/dockerd\n")
    assert find_unit_faults(outside) == UnitFaults(missing_program="/opt/docker/dockerd")
    write(root, UNIT, f"[Service]\nExecStart={dockerd}\n")
    Path(dockerd).chmod(0o644)
    assert find_unit_faults(outside) == UnitFaults(missing_program=dockerd)
    write(root, UNIT, "[Service]\nExecStart=dockerd\n")
    assert find_unit_faults(outside) == NO_FAULTS


def test_what_docker_s_packages_bring_is_not_missed_before_they_are_there(
    root: Path, outside: CountingOutside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ENVIRONMENT, "PATH", "/nowhere")
    write(root, DROP_IN, "[Service]\nEnvironmentFile=/etc/default/docker\nExecStart=\nExecStart=/opt/dockerd\n")
    assert find_unit_faults(outside) == NO_FAULTS
    write(root, UNIT, "[Service]\nExecStart=/usr/sbin/dockerd\n")
    assert find_unit_faults(outside) == UnitFaults(missing_program="/opt/dockerd")
