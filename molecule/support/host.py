"""The virtual machine as tests see it: commands, files, fingerprints, plays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lab import machine, ssh, state
from lab.settings import HOST, REPOSITORY, Settings

FINGERPRINT = REPOSITORY / "tests" / "integration" / "fingerprint.py"
_COMMAND_SECONDS = 300


class Host:
    """The running machine. Commands go over the lab's shared ssh connection."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def config(self) -> str:
        return str(ssh.config_file(self.settings))

    def call(self, command: str, stdin: bytes = b"", seconds: float = _COMMAND_SECONDS) -> tuple[int, str]:
        """Exit status, and standard output and error together."""
        done = subprocess.run(
            ("ssh", "-F", self.config, HOST, command),
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
        return done.returncode, done.stdout.decode(errors="replace")

    def out(self, command: str, stdin: bytes = b"") -> str:
        """The output of a command that has to succeed."""
        status, text = self.call(command, stdin)
        assert status == 0, f"{command}: exit status {status}: {text}"
        return text.strip()

    def fingerprint(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.out("python3 - take", stdin=FINGERPRINT.read_bytes()))
        return found

    def wait_until(self, command: str, seconds: float = 60) -> None:
        """Until the command succeeds on the host."""
        wait_until(lambda: self.call(command)[0] == 0, command, seconds)

    def reboot(self) -> None:
        machine.reboot(self.settings)


def running_host() -> Host:
    settings = Settings.from_environment()
    state.running(settings)
    return Host(settings)


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not so after {seconds:g} s: {what}"
        time.sleep(0.3)


def compare(before: dict[str, object], after: dict[str, object], folder: Path) -> str:
    """Readable differences between two fingerprints, empty when there are none."""
    paths = [folder / "before.json", folder / "after.json"]
    for path, found in zip(paths, (before, after), strict=True):
        path.write_text(json.dumps(found))
    done = subprocess.run(
        (sys.executable, str(FINGERPRINT), "compare", *map(str, paths)), capture_output=True, text=True, check=False
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout if done.returncode else ""


def play(playbook: str, variables: Path, *arguments: str, seconds: float = 1200) -> tuple[int, str]:
    """Run one of the collection's playbooks against the machine: exit status and output."""
    inventory = REPOSITORY / ".cache" / "lab-inventory.json"
    inventory.write_text(
        subprocess.run(
            (sys.executable, "-m", "lab", "inventory"),
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY / "molecule")},
        ).stdout
    )
    command: Sequence[str] = (
        str(Path(sys.executable).parent / "ansible-playbook"),
        *("--inventory", str(inventory), "--extra-vars", f"@{variables}"),
        f"ably.sandbox.{playbook}",
        *arguments,
    )
    environment = {**os.environ, "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout
