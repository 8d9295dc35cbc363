"""The session image with the stand-in command line, built by the collection's own builder."""

from __future__ import annotations

import os
import subprocess
import sys

from . import world
from .console import LabError, say
from .locks import hold
from .settings import REPOSITORY, Settings

_BUILDER = REPOSITORY / "tests" / "session_image" / "build.py"
_COLLECTIONS = REPOSITORY / ".cache" / "collections"


def ensure(settings: Settings) -> None:
    """Build the archive unless it was made from the same inputs."""
    command = (sys.executable, str(_BUILDER), str(settings.pki / "lab-ca.pem"), str(settings.session_image))
    world.ensure_certificates(settings)
    with hold(settings.session_image.with_suffix(".lock")):
        say(f"building the session image into {settings.session_image}, unless it is there ...")
        done = subprocess.run(command, check=False, env={**os.environ, "PYTHONPATH": str(_COLLECTIONS)})
    if done.returncode:
        raise LabError("the session image was not built", "what failed stands above")
