"""The verbs of the lab."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from . import images, inventory, machine, session_image, sharing, ssh, state, tools
from .command import as_root, run
from .console import LabError, say
from .locks import hold
from .settings import HOST, IMAGES, PLACES, SHARED, Settings

Arguments = argparse.Namespace


def _build(settings: Settings, _unused: Arguments) -> int:
    tools.require()
    say(f"images are in {images.ensure(settings).folder}")
    return 0


def _up(settings: Settings, arguments: Arguments) -> int:
    tools.require()
    machine.up(settings, arguments.image)
    return 0


def _save(settings: Settings, arguments: Arguments) -> int:
    machine.save(settings, arguments.name)
    return 0


def _restore(settings: Settings, arguments: Arguments) -> int:
    machine.restore(settings, arguments.name)
    return 0


def _share(settings: Settings, _unused: Arguments) -> int:
    sharing.share(settings)
    return 0


def _reboot(settings: Settings, _unused: Arguments) -> int:
    machine.reboot(settings)
    return 0


def _kill(settings: Settings, _unused: Arguments) -> int:
    machine.kill(settings)
    return 0


def _down(settings: Settings, _unused: Arguments) -> int:
    machine.down(settings)
    return 0


def _ssh(settings: Settings, arguments: Arguments) -> int:
    state.running(settings)
    return ssh.interactive(settings, arguments.command)


def _inventory(settings: Settings, _unused: Arguments) -> int:
    found = state.running(settings)
    print(inventory.render(settings, found.ssh_port, image=found.image), end="")
    return 0


def _status(settings: Settings, _unused: Arguments) -> int:
    """Exit status 0 when the machine runs, 3 when it does not, as `systemctl status` has it."""
    print(f"lab folder   {settings.folder}, place {settings.place}")
    for image in IMAGES:
        if found := state.load(settings, image):
            _describe(settings, found)
    return 0 if state.find_running(settings) else 3


def _describe(settings: Settings, found: state.Machine) -> None:
    power = "running" if found.is_running else "power was cut" if found.power == state.CUT else "not running"
    print(f"\n{found.image:<13}{power}" + (f", process {found.process.pid}" if found.is_running else ""))
    print(f"checkout     {found.owner}")
    if found.is_running:
        print(f"ssh          ssh -F {ssh.config_file(settings)} {HOST}    (port {found.ssh_port})")
    print(f"console log  {settings.console_log(found.image)}")
    print(machine.snapshots(settings, found.image), end="")


def _clean(settings: Settings, _unused: Arguments) -> int:
    places = [replace(settings, place=place) for place in PLACES]
    with ExitStack() as held:
        for other in (*places, replace(settings, place=SHARED)):
            if other != settings:
                held.enter_context(hold(other.lock))
        for place in places:
            machine.down(place)
            shutil.rmtree(place.sockets)
        for folder in (settings.machines.parent, settings.images):
            if folder.exists():
                run(as_root(("rm", "-rf", "--one-file-system", folder)))
    say(f"removed the machines, all images and the package cache from {settings.folder}")
    return 0


# Verbs that change the machine; the others may run beside them.
LOCKED: dict[str, Callable[[Settings, Arguments], int]] = {
    "up": _up,
    "save": _save,
    "restore": _restore,
    "share": _share,
    "reboot": _reboot,
    "kill": _kill,
    "down": _down,
    "clean": _clean,
}


def _session_image(settings: Settings, _unused: Arguments) -> int:
    session_image.ensure(settings)
    return 0


FREE: dict[str, Callable[[Settings, Arguments], int]] = {
    "session-image": _session_image,
    "build": _build,
    "ssh": _ssh,
    "status": _status,
    "inventory": _inventory,
}


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab", description="One virtual machine to test on.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("build", help="build the images and the package cache, unless they are there")
    verbs.add_parser("session-image", help="build the archive with the session image, unless it is there")
    up = verbs.add_parser("up", help="bring the machine up in its clean state; after `kill`: boot it from its disk")
    up.add_argument("image", nargs="?", choices=IMAGES, default="ready")
    verbs.add_parser("save", help="keep the running machine as a snapshot").add_argument("name")
    verbs.add_parser("restore", help="go back to a snapshot").add_argument("name", nargs="?", default="clean")
    verbs.add_parser("share", help="have the lab's other machine begin with this one's disk and snapshots")
    shell = verbs.add_parser("ssh", help="a shell in the machine, or one command")
    shell.add_argument("command", nargs=argparse.REMAINDER)
    verbs.add_parser("reboot", help="an orderly reboot, until the machine answers again")
    verbs.add_parser("kill", help="cut the power")
    verbs.add_parser("status", help="what runs, for which checkout, which snapshots")
    verbs.add_parser("inventory", help="print an Ansible inventory of the running machine")
    verbs.add_parser("down", help="end the machine")
    verbs.add_parser("clean", help="end the machines; remove images, package cache and disks")
    return parser


def main() -> None:
    arguments = parser().parse_args()
    try:
        settings = Settings.from_environment()
        if arguments.verb in LOCKED:
            with hold(settings.lock):
                status = LOCKED[arguments.verb](settings, arguments)
        else:
            status = FREE[arguments.verb](settings, arguments)
    except LabError as error:
        print(f"lab: {error}" + (f"\n     {error.hint}" if error.hint else ""), file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(status)
