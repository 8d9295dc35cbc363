"""The control `agent`: `ably-sandbox` on the host, and the countdown that takes back what nobody confirmed."""

from __future__ import annotations

from dataclasses import replace

from ..._engine.resources import Activation, Control, Resource, Wish
from ..._formats.resource_facts import UnitFacts
from ..names import AGENT_FILE, ETC, FRAGMENTS
from ..wishes import folder, footprint, unit_file, whole_file
from .descriptor import AGENT

# The Python that runs it, and where the byte code is that this one makes of it.
PYTHON = "/usr/bin/python3"
BYTE_CODE = "/usr/local/lib/ably-sandbox"
REVERT_SERVICE = "ably-sandbox-revert.service"


def agent_control(archive: str, build: str, python: int, revert_unit: str) -> Control:
    """`archive` is the agent's bytes (surrogateescape). What runs it comes after it, and goes before it.

    `build`: the digest of its sources; `python`: the number of the byte code of the host's PYTHON. With another one of
    both, the byte code is another file. `revert_unit`: the text of REVERT_SERVICE.
    """
    byte_code = f"{BYTE_CODE}/{python}/{build}.zip"
    compiled = Activation("compile", byte_code)
    wishes = (
        folder(ETC),
        folder(FRAGMENTS),
        folder(BYTE_CODE),
        replace(folder(f"{BYTE_CODE}/{python}"), activates=(compiled,)),
        footprint("file", byte_code),
        whole_file(AGENT_FILE, archive, compiled, mode=0o755),
        unit_file(REVERT_SERVICE, revert_unit),
        # A trial starts it, and so does a boot that comes in the middle of one.
        Wish(Resource("unit", REVERT_SERVICE), UnitFacts(enabled="enabled").state),
    )
    return Control(AGENT.owner, wishes)
