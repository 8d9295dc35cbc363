"""Brings the outside world's program (molecule/world) into the machine."""

from __future__ import annotations

import io
import tarfile

from . import images, ssh
from .console import LabError, say
from .settings import WORLD, Settings

FOLDER = "/opt/lab/world"
READY_SECONDS = 120


def digest() -> str:
    """Changes whenever the program does; `none` without one."""
    return images.digest(images.tree_files(WORLD)) if (WORLD / "run").exists() else "none"


def copy(settings: Settings) -> None:
    """Put the program in place and wait until it serves."""
    if digest() == "none":
        say("molecule/world/run is not there: the outside world stays silent")
        return
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for path in images.tree_files(WORLD):
            archive.add(path, arcname=str(path.relative_to(WORLD)))
    say(f"copying the outside world to {FOLDER} and starting it ...")
    unpack = f"rm -rf {FOLDER} && mkdir -p {FOLDER} && tar -x -f - -C {FOLDER} --no-same-owner"
    ssh.call(settings, f"{unpack} && systemctl restart lab-world.service", stdin=stream.getvalue())
    wait = f"for i in $(seq {READY_SECONDS * 2}); do test -e /run/lab/world-ready && exit 0; sleep 0.5; done; exit 1"
    try:
        ssh.call(settings, wait)
    except LabError as error:
        journal = ssh.call(settings, "journalctl --no-pager --lines=20 --unit=lab-world.service")
        raise LabError(f"the outside world is not ready after {READY_SECONDS} s", journal) from error
    ssh.call(settings, "systemctl is-active lab-outside lab-capture")
    say("the outside world serves")
