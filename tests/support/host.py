"""The virtual machine as tests see it: commands, files, fingerprints, plays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from lab import inventory, machine, ssh, state
from lab.settings import HOST, REPOSITORY, Settings

# Production's variables for each level, and the lab's own few.
LEVEL_1 = Path(__file__).parent / "vars" / "level1.yml"
LEVEL_2 = Path(__file__).parent / "vars" / "level2.yml"
# A play of this work alone: what it stands on is there.
KERNEL = ("--tags", "kernel")
CONTAINER = ("--tags", "container")
PHASE_2 = ("--tags", "phase2")
APPARMOR = ("--tags", "apparmor")
# What may differ between two fingerprints: after a rollback to level 1 the ledger remembers less, in another order.
BUT_LESS_REMEMBERED = ("--but", "files/var/lib/ably-sandbox/ledger")
FINGERPRINT = REPOSITORY / "tests" / "integration" / "fingerprint.py"
DIFFERENCE = FINGERPRINT.with_name("fingerprint_diff.py")
# In memory: a boot, and whatever a power cut has left of the disk, is read anew.
_DIGESTS = "/run/lab/digests.json"
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

    def fingerprint(self, *options: str) -> dict[str, object]:
        """`options`: of the tool itself."""
        command = " ".join(("python3 -", *options, "--digests", _DIGESTS))
        found: dict[str, object] = json.loads(self.out(command, FINGERPRINT.read_bytes()))
        return found

    def wait_until(self, command: str, seconds: float = 60) -> None:
        """Until the command succeeds on the host."""
        wait_until(lambda: self.call(command)[0] == 0, command, seconds)

    def wait_until_active(self, *units: str, seconds: float = 180) -> None:
        """`systemctl is-active` is content with one of them."""
        self.wait_until(" && ".join(f"systemctl is-active {unit}" for unit in units), seconds)

    def reboot(self) -> None:
        machine.reboot(self.settings)

    def save(self, snapshot: str) -> None:
        """Keep memory and disk as they are now."""
        _run_lab("save", snapshot)

    def share(self) -> None:
        """Have the lab's other machine begin with what this one has come to."""
        _run_lab("share")

    def restore(self, snapshot: str = machine.CLEAN) -> None:
        """Back to the clean machine, or to another snapshot, in seconds."""
        _run_lab("restore", snapshot)

    def lose_power(self) -> None:
        """QEMU dies in the middle of whatever it does, and boots from what is on the disk."""
        image = state.running(self.settings).image
        _run_lab("kill")
        _run_lab("up", image)

    def lets_in(self) -> bool:
        """Whether a connection that did not exist before gets in."""
        command = ("ssh", "-F", self.config, "-o", "ControlPath=none", "-o", "ConnectTimeout=5", HOST, "true")
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def wait_until_let_in(self, seconds: float) -> None:
        wait_until(self.lets_in, "a new connection gets in", seconds)


def _run_lab(*arguments: str) -> None:
    """In a process of its own: a QEMU that it starts is nobody's child here."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "tests")}
    done = subprocess.run(
        (sys.executable, "-m", "lab", *arguments),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def running_host() -> Host:
    settings = Settings.from_environment()
    state.running(settings)
    return Host(settings)


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not so after {seconds:g} s: {what}"
        time.sleep(0.3)


def compare(before: dict[str, object], after: dict[str, object], folder: Path, *options: str) -> str:
    """Readable differences between two fingerprints, empty when there are none. `options`: of the tool itself."""
    paths = [folder / "before.json", folder / "after.json"]
    for path, found in zip(paths, (before, after), strict=True):
        path.write_text(json.dumps(found))
    command = (sys.executable, str(DIFFERENCE), *map(str, paths), *options)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout if done.returncode else ""


def play_command(playbook: str, variables: Path, *arguments: str) -> tuple[str, ...]:
    """Runs one of the collection's playbooks against the machine."""
    settings = Settings.from_environment()
    found = state.running(settings)
    hosts = settings.machines / "inventory.json"
    hosts.write_text(inventory.render(settings, found.ssh_port, image=found.image))
    return (
        str(Path(sys.executable).parent / "ansible-playbook"),
        *("--inventory", str(hosts), "--extra-vars", f"@{variables}"),
        *("--extra-vars", f"sandbox_image_archive={settings.session_image}"),
        f"ably.sandbox.{playbook}",
        *arguments,
    )


def play_environment() -> dict[str, str]:
    """Output without colours, also below molecule, which forces them and Ansible then heeds nothing else."""
    kept = {name: value for name, value in os.environ.items() if name != "ANSIBLE_FORCE_COLOR"}
    return {**kept, "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}


def play(
    playbook: str,
    variables: Path,
    *arguments: str,
    seconds: float = 1200,
    collections: Path | None = None,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> tuple[int, str]:
    """Run one of the collection's playbooks against the machine: exit status and output.

    `collections`: where another release of it is installed. `environment`: more of the controller's.
    """
    other = {"ANSIBLE_COLLECTIONS_PATH": str(collections)} if collections else {}
    command = play_command(playbook, variables, *arguments)
    return run_to_its_end(command, REPOSITORY, {**play_environment(), **other, **environment}, seconds)


def run_to_its_end(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float
) -> tuple[int, str]:
    """Without a terminal, in an environment of its own: exit status, and all that was printed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
    )
    return done.returncode, done.stdout
