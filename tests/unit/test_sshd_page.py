"""The file for sshd in docs/letting-people-in.md: the real sshd takes it, and holds to it what it is meant for."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ansible_collections.ably.sandbox.plugins.module_utils._agent.session_client import _FORWARDED
from ansible_collections.ably.sandbox.plugins.module_utils._controls.names import AGENT_FILE
from ansible_collections.ably.sandbox.plugins.plugin_utils.variables import load_options
from ansible_collections.ably.sandbox.tests.unit.checkout import REPO

PAGE = (REPO / "docs" / "letting-people-in.md").read_text(encoding="utf-8")
(FILE,) = re.findall(r"```\n# /etc/ssh/sshd_config\.d/\S+\n(.*?)```", PAGE, re.DOTALL)
# A group that has a member on every machine stands for theirs.
OF_ROOT = FILE.replace("Match Group sandbox-guests\n", "Match Group root\n")
# What Debian's own file has around it.
USUAL = """\
Include {folder}/conf.d/*.conf
HostKey {folder}/key
KbdInteractiveAuthentication no
X11Forwarding yes
AcceptEnv LANG LC_*
Subsystem sftp /usr/lib/openssh/sftp-server
"""
# Of the versions that have them, both with another path here.
PROGRAMS = {"SshdSessionPath": "sshd-session", "SshdAuthPath": "sshd-auth"}


class Sshd:
    """sshd as Debian has it, installed or unpacked by requirements/unpack-sshd, with the page's file."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "sshd_config"
        self.included = folder / "conf.d" / "00-sandbox-guests.conf"
        self.included.parent.mkdir()
        top = Path("/") if Path("/usr/sbin/sshd").exists() else REPO / ".cache" / "sshd"
        self._program = str(top / "usr" / "sbin" / "sshd")
        libraries = [str(folder) for folder in top.glob("*/lib/*-linux-gnu")] if top.name else []
        self._env = {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)}
        subprocess.run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")), check=True)
        paths = {name: top / "usr" / "lib" / "openssh" / program for name, program in PROGRAMS.items()}
        own = "".join(f"{name} {path}\n" for name, path in paths.items() if path.exists())
        self.config.write_text(USUAL.format(folder=folder) + own)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        # As root it asks for an account of its own, which an installation makes.
        nobody = ("unshare", "--user") if os.geteuid() == 0 else ()
        command = (*nobody, self._program, "-f", str(self.config), *arguments)
        return subprocess.run(command, env=self._env, capture_output=True, text=True, check=False)

    def settings_of(self, user: str) -> dict[str, list[str]]:
        done = self.run("-T", "-C", f"user={user},host=x,addr=192.0.2.1")
        assert done.returncode == 0, done.stderr
        found: dict[str, list[str]] = {}
        for line in done.stdout.splitlines():
            name, _unused, value = line.partition(" ")
            found.setdefault(name, []).append(value)
        return found


@pytest.fixture
def sshd() -> Iterator[Sshd]:
    # Not in pytest's folder, which is root's alone.
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Sshd(Path(folder))


def test_sshd_takes_it(sshd: Sshd) -> None:
    sshd.included.write_text(FILE)
    done = sshd.run("-t")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_line_that_sshd_does_not_know_would_be_noticed(sshd: Sshd) -> None:
    sshd.included.write_text(f"{FILE}    PermitUserEnvironment no\n")
    assert "PermitUserEnvironment' is not allowed within a Match block" in sshd.run("-t").stderr


def test_a_guest_gets_a_session_and_nothing_else(sshd: Sshd) -> None:
    sshd.included.write_text(OF_ROOT)
    said = sshd.settings_of("root")
    assert said["forcecommand"] == [f"{AGENT_FILE} session"]
    assert said["permittty"] == ["yes"]
    closed = ("allowagentforwarding", "allowstreamlocalforwarding", "allowtcpforwarding", "gatewayports")
    for name in (*closed, "permittunnel", "permituserrc", "x11forwarding", "permituserenvironment"):
        assert said[name] == ["no"], name
    assert said["authenticationmethods"] == ["publickey"]
    assert said["authorizedkeysfile"] == ["/etc/ssh/sandbox-guests/%u"]


def test_what_a_guest_may_hand_in_is_what_a_session_takes(sshd: Sshd) -> None:
    """TERM comes with the terminal."""
    sshd.included.write_text(OF_ROOT)
    taken = {*_FORWARDED, *load_options()["sandbox_container_client_environment"]["default"]} - {"TERM"}
    assert set(sshd.settings_of("root")["acceptenv"]) == taken


def test_a_key_that_is_set_for_guests_is_taken(sshd: Sshd) -> None:
    sshd.included.write_text(f"{OF_ROOT}    SetEnv ABLY_API_KEY=app.key:secret\n")
    assert sshd.settings_of("root")["setenv"] == ["ABLY_API_KEY=app.key:secret"]


def test_a_key_for_one_of_them_stands_before(sshd: Sshd) -> None:
    sshd.included.write_text(f"Match User root\n    SetEnv ABLY_API_KEY=app.key:secret\n{OF_ROOT}")
    said = sshd.settings_of("root")
    assert said["setenv"] == ["ABLY_API_KEY=app.key:secret"]
    assert said["forcecommand"] == [f"{AGENT_FILE} session"]


def test_others_are_as_before(sshd: Sshd) -> None:
    sshd.included.write_text(OF_ROOT)
    with_it = sshd.settings_of("nobody")
    sshd.included.unlink()
    assert with_it == sshd.settings_of("nobody")
    assert with_it["x11forwarding"] == ["yes"]
