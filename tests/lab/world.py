"""Brings the outside world's program (tests/world) into the machine."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from world import pki

from . import images, ssh
from .console import LabError, say
from .locks import hold
from .settings import WORLD, Settings

FOLDER = "/opt/lab"
READY_SECONDS = 120


def ensure_certificates(settings: Settings) -> None:
    """Made once for all machines of this lab."""
    with hold(settings.pki.with_suffix(".lock")):
        pki.ensure(settings.pki)


def digest(settings: Settings) -> str:
    """Changes whenever the program or its certificate authority does."""
    ensure_certificates(settings)
    return images.digest([*images.tree_files(WORLD), settings.pki / "lab-ca.pem"])


def copy(settings: Settings) -> None:
    """Put the program in place and wait until it serves."""
    ensure_certificates(settings)
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for path in images.tree_files(WORLD):
            archive.add(path, arcname=f"world/{path.relative_to(WORLD)}")
        for path in _certificates(settings):
            archive.add(path, arcname=f"pki/{path.name}")
    say(f"copying the outside world to {FOLDER}/world and starting it ...")
    unpack = f"rm -rf {FOLDER}/world {FOLDER}/pki && mkdir -p {FOLDER} && tar -x -f - -C {FOLDER} --no-same-owner"
    ssh.call(settings, f"{unpack} && systemctl restart lab-world.service", stdin=stream.getvalue())
    wait = f"for i in $(seq {READY_SECONDS * 2}); do test -e /run/lab/world-ready && exit 0; sleep 0.5; done; exit 1"
    try:
        ssh.call(settings, wait)
    except LabError as error:
        journal = ssh.call(settings, "journalctl --no-pager --lines=20 --unit=lab-world.service")
        raise LabError(f"the outside world is not ready after {READY_SECONDS} s", journal) from error
    ssh.call(settings, "systemctl is-active lab-outside lab-capture")
    say("the outside world serves")


def _certificates(settings: Settings) -> list[Path]:
    """What the services need. The authority's key stays here."""
    return [path for path in sorted(settings.pki.iterdir()) if path.name != f"{pki.AUTHORITY}.key"]
