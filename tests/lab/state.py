"""What is known of the machines between two calls: a JSON file for each image."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from .console import LabError
from .settings import IMAGES, REPOSITORY, Settings

ON, OFF, CUT = "on", "off", "cut"


@dataclass(frozen=True)
class Process:
    """A process that is not mistaken for a later one with the same number."""

    pid: int
    started: int

    @staticmethod
    def of(pid: int) -> Process:
        started = _started(pid)
        if started is None:
            raise LabError("QEMU ended at once", "its own words are in qemu.log in the machine folder")
        return Process(pid, started)

    def is_alive(self) -> bool:
        return self.pid > 0 and _started(self.pid) == self.started

    def send(self, signal: int) -> None:
        """Signal this process, and never another one."""
        if self.is_alive():
            os.kill(self.pid, signal)


NOBODY = Process(0, 0)


def _started(pid: int) -> int | None:
    """The start time of a live process in ticks since boot; None when it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])


@dataclass(frozen=True)
class Machine:
    """What is known of the machine of one image."""

    image: str
    identity: str  # of the image and the hardware; snapshots are good for one identity only
    owner: str  # the checkout that runs it
    power: str  # ON, OFF (by `down`) or CUT (by `kill`)
    process: Process
    ssh_port: int
    world: str = ""  # digest of the outside world in the snapshot `clean`; empty before that one is saved

    @property
    def is_running(self) -> bool:
        return self.process.is_alive()

    def stopped(self, power: str) -> Machine:
        return replace(self, power=power, process=NOBODY)


def load(settings: Settings, image: str) -> Machine | None:
    """The machine of an image as last recorded, or None when there never was one."""
    try:
        record = json.loads((settings.machine(image) / "machine.json").read_text())
    except FileNotFoundError:
        return None
    return Machine(**{**record, "process": Process(**record["process"])})


def save(settings: Settings, machine: Machine) -> None:
    path = settings.machine(machine.image) / "machine.json"
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(asdict(machine), indent=2) + "\n")
    os.replace(temporary, path)


def find_running(settings: Settings) -> Machine | None:
    """The one that runs, whoever's it is."""
    machines = (load(settings, image) for image in IMAGES)
    return next((machine for machine in machines if machine and machine.is_running), None)


def running(settings: Settings) -> Machine:
    """The machine, which must be running and this checkout's."""
    machine = find_running(settings)
    if machine is None:
        raise LabError("the machine is not running", "start it with the verb `up`")
    refuse_foreign(machine)
    return machine


def latest(settings: Settings) -> Machine:
    """The machine that runs, or else the one that ran last."""
    records = [path / "machine.json" for path in settings.machines.iterdir() if (path / "machine.json").exists()]
    newest = max(records, key=lambda path: path.stat().st_mtime_ns, default=None)
    machine = find_running(settings) or (load(settings, newest.parent.name) if newest else None)
    if machine is None:
        raise LabError("there is no machine yet", "start one with the verb `up`")
    refuse_foreign(machine)
    return machine


def refuse_foreign(machine: Machine) -> None:
    """LabError while another checkout uses the machine. If that is gone, nobody there can end it: then anybody may."""
    if machine.is_running and machine.owner != str(REPOSITORY) and Path(machine.owner).exists():
        raise LabError(
            f"the lab is in use: {machine.owner} runs `{machine.image}` (process {machine.process.pid})",
            "end it there with `down`, or give this checkout a lab of its own with ABLY_SANDBOX_LAB_DIR",
        )
