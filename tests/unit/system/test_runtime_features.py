"""Whether refused calls are logged: with which Docker, by which crun, and if the kernel may."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._system.commands import ENVIRONMENT
from ansible_collections.ably.sandbox.plugins.module_utils._system.outside import Outside
from ansible_collections.ably.sandbox.plugins.module_utils._system.runtime_features import find_log_obstacle

FLAG = b"\0SECCOMP_FILTER_FLAG_LOG\0"
ALL = "kill_process kill_thread trap errno user_notif trace log\n"


@pytest.fixture
def host(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Docker 26, crun and kernel as on Debian 13, in a scratch root whose programs are the only ones."""
    for folder in ("bin", "usr/bin", "proc/sys/kernel/seccomp"):
        (root / folder).mkdir(parents=True)
    (root / "usr/bin/crun").write_bytes(FLAG)
    (root / "proc/sys/kernel/seccomp/actions_logged").write_text(ALL)
    monkeypatch.setitem(ENVIRONMENT, "PATH", str(root / "bin"))
    install_docker(root, "26.1")
    return root


def install_docker(root: Path, version: str) -> None:
    (root / "bin/dockerd").write_text(f"#!/bin/sh\necho 'Docker version {version}.5, build 1'\n")
    (root / "bin/dockerd").chmod(0o755)


def test_where_everything_is_there(host: Path) -> None:
    assert find_log_obstacle(Outside(str(host))) == ""


@pytest.mark.parametrize("version", ["23.0", "29.1"])
def test_docker_that_passes_flags_on(host: Path, version: str) -> None:
    install_docker(host, version)
    assert find_log_obstacle(Outside(str(host))) == ""


def test_docker_that_drops_flags(host: Path) -> None:
    install_docker(host, "20.10")
    assert find_log_obstacle(Outside(str(host))).startswith("Docker 20.10 does not pass on the flag")


def test_no_docker(host: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{find_log_obstacle.__module__}.find_program", lambda _unused: None)
    assert find_log_obstacle(Outside(str(host))) == "Docker is not installed"


@pytest.mark.parametrize("content", [None, b"an old one"])
def test_crun_without_the_flag(host: Path, content: bytes | None) -> None:
    (host / "usr/bin/crun").unlink()
    if content is not None:
        (host / "usr/bin/crun").write_bytes(content)
    assert "/usr/bin/crun is not there, or does not know the flag" in find_log_obstacle(Outside(str(host)))


def test_a_kernel_that_is_told_not_to(host: Path) -> None:
    (host / "proc/sys/kernel/seccomp/actions_logged").write_text("kill_process user_errno_x log\n")
    assert "errno is not in /proc/sys/kernel/seccomp/actions_logged" in find_log_obstacle(Outside(str(host)))
