"""What one of the lab's machines has come to, for the other one: a copy of its disk with all snapshots."""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import replace
from pathlib import Path

from . import monitor, state
from .command import run
from .console import say
from .locks import hold
from .settings import REPOSITORY, SHARED, Settings
from .state import NOBODY, OFF, Machine


def share(settings: Settings) -> None:
    """Copy the running machine. It stands still meanwhile, so that what QEMU keeps of the disk in memory is written."""
    machine = state.running(settings)
    shared = replace(settings, place=SHARED)
    with hold(shared.lock):
        monitor.execute(settings.monitor, "stop")
        try:
            settings.mark(machine.image).write_text(secrets.token_hex(8))
            _copy(settings.machine(machine.image), shared.machine(machine.image))
        finally:
            monitor.execute(settings.monitor, "cont")
    say(f"`{machine.image}` is shared")


def is_behind(settings: Settings, image: str, identity: str) -> bool:
    """Whether another machine, whose snapshots load here, has come to something that was not copied here since."""
    shared = replace(settings, place=SHARED)
    with hold(shared.lock):
        theirs = state.load(shared, image)
        return theirs is not None and theirs.identity == identity and _mark(shared, image) != _mark(settings, image)


def _mark(settings: Settings, image: str) -> str:
    """The same in all copies of what was shared once; empty in a machine that comes of none."""
    path = settings.mark(image)
    return path.read_text() if path.exists() else ""


def adopt(settings: Settings, image: str, identity: str) -> Machine | None:
    """Begin with the shared machine in the place of an own one. None unless its snapshots load here."""
    shared = replace(settings, place=SHARED)
    with hold(shared.lock):
        theirs = state.load(shared, image)
        if theirs is None or theirs.identity != identity:
            return None
        _copy(shared.machine(image), settings.machine(image))
    machine = replace(theirs, owner=str(REPOSITORY), process=NOBODY, power=OFF, ssh_port=0)
    state.save(settings, machine)
    say(f"`{image}` begins with what another machine of this lab has come to")
    return machine


def _copy(source: Path, target: Path) -> None:
    """Whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    work = target.with_suffix(".tmp")
    for leftover in (work, target):
        shutil.rmtree(leftover, ignore_errors=True)
    run(("cp", "--archive", "--reflink=auto", "--sparse=always", source, work))
    os.rename(work, target)
