"""The life of the machine: started, snapshotted, restored, cut off, ended."""

from __future__ import annotations

import hashlib
import re
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from . import hardware, images, monitor, sharing, ssh, state, world
from .command import run
from .console import LabError, say, wait_for
from .images import Build
from .settings import PACKAGE, REPOSITORY, Settings
from .state import CUT, NOBODY, OFF, ON, Machine, Process

CLEAN = "clean"


def up(settings: Settings, image: str) -> None:
    """Bring up `image` in its clean state; after a power cut instead boot the disk as the cut left it.

    What another of the lab's machines has shared since is preferred to what this one has come to.
    """
    build = images.ensure(settings)
    identity = _identity(settings, build, image)
    is_behind = sharing.is_behind(settings, image, identity)
    if busy := state.find_running(settings):
        state.refuse_foreign(busy)
        is_it = (busy.image, busy.identity, busy.owner) == (image, identity, str(REPOSITORY))
        if is_it and busy.world and not is_behind:
            say(f"`{image}` is running already")
            _renew_world(settings, busy)
            return
        down(settings)
    found = state.load(settings, image)
    if not found or found.identity != identity or (is_behind and found.power != CUT):
        found = sharing.adopt(settings, image, identity) or found
    if found and found.identity == identity and found.world:
        if found.power == CUT:
            say(f"`{image}` had its power cut: booting from its disk as it is")
            _boot(settings, build, found)
            return
        if _resume(settings, build, found):
            return
    port = found.ssh_port if found else 0
    _boot(settings, build, _fresh(settings, build, Machine(image, identity, str(REPOSITORY), OFF, NOBODY, port)))
    _save_clean(settings, state.running(settings))


def _resume(settings: Settings, build: Build, machine: Machine) -> bool:
    """Start in the clean snapshot; whether that worked."""
    try:
        started = _start(settings, build, machine, snapshot=CLEAN)
        _arrive(settings, started)
    except LabError as error:
        say(f"the clean snapshot does not start ({error}): starting over from the image")
        down(settings)
        return False
    _renew_world(settings, started)
    return True


def _identity(settings: Settings, build: Build, image: str) -> str:
    """Names all that a snapshot depends on: not a run's port and files, nor which checkout serves the packages."""
    found = _hardware(settings, build, image, ssh_port=0)
    neutral = replace(found, package_server=(), disk=Path(), console_log=Path(), monitor=Path())
    arguments = hardware.command_line(neutral)
    version = run(("qemu-system-x86_64", "--version"))
    return hashlib.sha256("\0".join((image, build.key, version, *arguments)).encode()).hexdigest()[:12]


def _hardware(settings: Settings, build: Build, image: str, *, ssh_port: int) -> hardware.Hardware:
    return hardware.Hardware(
        accelerator=settings.accelerator,
        processors=settings.processors,
        kernel=build.kernel(image),
        initrd=build.initrd(image),
        disk=settings.disk(image),
        package_server=(sys.executable, "-IB", str(PACKAGE / "serve_packages.py"), str(build.packages)),
        console_log=settings.console_log(image),
        monitor=settings.monitor,
        ssh_port=ssh_port,
    )


def _qemu_log(settings: Settings, machine: Machine) -> Path:
    return settings.machine(machine.image) / "qemu.log"


def _fresh(settings: Settings, build: Build, machine: Machine) -> Machine:
    """A new disk: a layer over the image, which itself is never written to."""
    image = machine.image
    settings.machine(image).mkdir(exist_ok=True)
    settings.disk(image).unlink(missing_ok=True)
    settings.mark(image).unlink(missing_ok=True)
    settings.console_log(image).unlink(missing_ok=True)
    run(("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", build.disk(image), settings.disk(image)))
    return machine


def _start(settings: Settings, build: Build, machine: Machine, *, snapshot: str | None = None) -> Machine:
    """Start QEMU as a process of its own and write down who it is."""
    ssh.close_connections(settings)
    port = _free_port(machine.ssh_port)
    arguments = hardware.command_line(_hardware(settings, build, machine.image, ssh_port=port), snapshot=snapshot)
    with _qemu_log(settings, machine).open("ab") as log:
        # A session of its own: it outlives this call and gets none of its terminal's signals.
        child = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    started = replace(machine, process=Process.of(child.pid), power=ON, ssh_port=port, owner=str(REPOSITORY))
    state.save(settings, started)
    ssh.write_config(settings, port)
    say(f"QEMU is process {child.pid}, ssh on port {port}")
    return started


def _free_port(wanted: int) -> int:
    """The port of last time if it is free, so that inventories stay good; else any."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise LabError("no free port on 127.0.0.1")


def _boot(settings: Settings, build: Build, machine: Machine) -> None:
    """Cold start, until every unit is up."""
    started = _start(settings, build, machine)
    _wait_for_ssh(settings, started)
    say("ssh answers; waiting for the remaining units")
    say(f"system is {_settle(settings)}")


def _wait_for_ssh(settings: Settings, machine: Machine) -> None:
    def answers() -> bool:
        if not machine.is_running:
            raise LabError("QEMU ended", f"its own words: {_qemu_log(settings, machine)}")
        return ssh.answers(machine.ssh_port)

    wait_for("ssh", answers, seconds=ssh.BOOT_SECONDS)


def _settle(settings: Settings) -> str:
    """Wait for the boot to finish; `degraded` is an answer too, with the names of the failed units."""
    return ssh.call(
        settings, "systemctl is-system-running --wait || systemctl list-units --failed --plain --no-legend"
    ).strip()


def _arrive(settings: Settings, machine: Machine) -> None:
    """After a snapshot: the machine answers again, and its clock is right."""
    _wait_for_ssh(settings, machine)
    ssh.set_clock(settings)
    say(f"`{machine.image}` is up")


def _renew_world(settings: Settings, machine: Machine) -> None:
    """The clean state has the outside world in it: when that changed, the snapshot is made anew."""
    if machine.world == world.digest(settings):
        return
    say("the outside world changed: renewing the clean snapshot")
    if machine.world:
        restore(settings, CLEAN)
    _save_clean(settings, state.running(settings))


def _save_clean(settings: Settings, machine: Machine) -> None:
    world.copy(settings)
    save(settings, CLEAN)
    state.save(settings, replace(machine, world=world.digest(settings)))


def save(settings: Settings, name: str) -> None:
    """Keep the running machine, memory and disk, under a name."""
    state.running(settings)
    ssh.call(settings, "sync; fstrim / || true")
    ssh.close_connections(settings)
    say(f"saving snapshot {name!r} ...")
    monitor.human(settings.monitor, f"savevm {name}")
    say(f"saved {name!r}")


def restore(settings: Settings, name: str) -> None:
    """Put the machine back to a snapshot, whether it runs, hangs or had its power cut.

    In a new QEMU: one that loads a snapshot while it runs keeps its processors' time stamp counter going, and the guest
    finds itself minutes later than it was, with every watchdog expired. Starting anew takes no longer.
    """
    machine = state.latest(settings)
    if not re.search(rf"^\d+ +{re.escape(name)} ", snapshots(settings, machine.image), re.MULTILINE):
        raise LabError(f"there is no snapshot {name!r} of `{machine.image}`", "`status` lists them, `save` makes one")
    down(settings)
    _arrive(settings, _start(settings, images.ensure(settings), machine, snapshot=name))


def reboot(settings: Settings) -> None:
    """An orderly reboot from inside."""
    machine = state.running(settings)
    before = ssh.boot_id(settings)
    say("rebooting ...")
    ssh.call(settings, "systemctl --no-block reboot")
    ssh.close_connections(settings)
    ssh.wait_for_reboot(settings, machine.ssh_port, before)
    say(f"system is {_settle(settings)}")


def kill(settings: Settings) -> None:
    """Cut the power: QEMU dies in the middle of whatever it does. The next `up` boots from what is on the disk."""
    machine = state.running(settings)
    _end(settings, machine, CUT)
    say("power cut; `up` boots from the disk as it is now")


def down(settings: Settings) -> None:
    """End QEMU; its disk and snapshots stay, and the next `up` is back in the clean state."""
    machine = state.find_running(settings)
    if machine is None:
        say("the machine is not running")
        return
    state.refuse_foreign(machine)
    ssh.close_connections(settings)
    try:
        monitor.execute(settings.monitor, "quit")
        wait_for("QEMU's end", lambda: not machine.is_running, seconds=30, every=0.1)
    except LabError as error:
        say(f"{error}; ending process {machine.process.pid} by force")
    _end(settings, machine, OFF)
    say("the machine is down")


def _end(settings: Settings, machine: Machine, power: str) -> None:
    machine.process.send(signal.SIGKILL)
    wait_for("QEMU's end", lambda: not machine.is_running, seconds=30, every=0.1)
    ssh.close_connections(settings)
    state.save(settings, machine.stopped(power))


def snapshots(settings: Settings, image: str) -> str:
    """QEMU's list of snapshots."""
    disk = settings.disk(image)
    return run(("qemu-img", "snapshot", "--force-share", "-l", disk)) if disk.exists() else ""
