"""The control `apparmor`: the sessions' profile as a file, in the kernel, and in their specification."""

from __future__ import annotations

import json

from ..._engine.resources import Control, Resource, Wish
from ..._formats.resource_facts import ApparmorProfileFacts
from ..names import FRAGMENTS
from ..wishes import folder, unit, whole_file
from .descriptor import APPARMOR
from .profile import PROFILE, PROFILE_FILE

FRAGMENT = f"{FRAGMENTS}/22-apparmor.json"
_FOLDER = "/etc/apparmor.d"
# Loads every file of the folder before anything of the system starts.
_UNIT = "apparmor.service"
_CHECK = ("apparmor_parser", "--skip-kernel-load", "--skip-cache", "--quiet", "{}")


def apparmor_control(source: str, sha256: str) -> Control:
    """`sha256`: of the policy that this host's parser makes of the source.

    The kernel comes last. On the way up sessions are refused from the fragment on until their profile is loaded; on the
    way back the removal comes first, so that one that is refused, because sessions run, has changed nothing.
    """
    wishes = (
        folder(_FOLDER),
        whole_file(PROFILE_FILE, source, check=_CHECK),
        unit(_UNIT),
        whole_file(FRAGMENT, render_fragment(sha256)),
        Wish(Resource("apparmor_profile", PROFILE), ApparmorProfileFacts(source).state),
    )
    return Control(APPARMOR.owner, wishes)


def render_fragment(sha256: str) -> str:
    """What a session has to run under."""
    return json.dumps({"apparmor": {"profile": PROFILE, "sha256": sha256}}, indent=2) + "\n"
