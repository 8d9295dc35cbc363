"""The control `seccomp`: the filter as a file, the runtime that applies it, and both in the sessions' specification."""

from __future__ import annotations

import hashlib
import json

from ..._engine.resources import Control
from ..docker.control import DAEMON_JSON, VALIDATE
from ..names import ETC, FRAGMENTS
from ..wishes import json_key, reload_unit, whole_file
from .descriptor import SECCOMP

PROFILE_FILE = f"{ETC}/seccomp.json"
# An entry of its own in daemon.json, not the daemon's default: others' containers keep theirs.
RUNTIMES_KEY = "runtimes"
RUNTIME = "ably-sandbox"
CRUN = "/usr/bin/crun"
_KNOWS_RUNTIME = ("sh", "-c", f"docker info --format '{{{{json .Runtimes}}}}' | grep -q '\"{RUNTIME}\"'")


def seccomp_control(profile: str) -> Control:
    """`profile`: its text. The fragment comes last, and on the way back goes first: it is what sessions go by.

    Debian's runc refuses profiles with flags, crun takes them; so sessions have crun, whether or not flags are used.
    """
    digest = hashlib.sha256(profile.encode("utf-8")).hexdigest()
    fragment = {"seccomp": {"profile": PROFILE_FILE, "sha256": digest}, "runtime": RUNTIME}
    wishes = (
        # Docker reads its runtimes anew when it is told to reload; nothing has to restart.
        json_key(
            DAEMON_JSON, f"{RUNTIMES_KEY}/{RUNTIME}", {"path": CRUN}, reload_unit("docker.service"), check=VALIDATE
        ),
        whole_file(PROFILE_FILE, profile),
        whole_file(f"{FRAGMENTS}/21-seccomp.json", json.dumps(fragment, indent=2) + "\n"),
    )
    return Control(SECCOMP.owner, wishes, health=(_KNOWS_RUNTIME,))
