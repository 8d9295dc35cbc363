"""Names that more than one place has to know, each said once: of units, paths, interfaces and accounts on the host.

Templates of the roles have them as `__names`: see the lookup `ably.sandbox.names`.
"""

from __future__ import annotations

# Below it each control leaves its fragment of the sessions' specification.
ETC = "/etc/ably-sandbox"
FRAGMENTS = f"{ETC}/container.d"
AGENT_FILE = "/usr/local/bin/ably-sandbox"
RUNTIME_FOLDER = "/run/ably-sandbox"
SESSION_SOCKET = f"{RUNTIME_FOLDER}/session.sock"
# Its members open sessions.
GROUP = "ably-sandbox"
# Where the host's Docker answers: what a daemon elsewhere says is of no use here.
DOCKER_SOCKET = "/run/docker.sock"
# All sessions together. systemd reads the dash as a step down from the slice above, and makes that.
PARENT_SLICE = "ably.slice"
SLICE = "ably-sandbox.slice"
SLICE_PATH = f"/{PARENT_SLICE}/{SLICE}"
# The gateway's, to which each session has one wire, and how the host's end of such a wire is named.
BRIDGE = "ably-gateway"
PORT_PREFIX = "ably-slot-"


def is_ours_alone(folder: str) -> bool:
    """Whether it, or one above it, has our name: in all others there are files of others too."""
    return "ably-sandbox" in folder.split("/")


NAMES = {name.lower(): value for name, value in dict(globals()).items() if name.isupper() and isinstance(value, str)}
