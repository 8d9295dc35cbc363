"""Keeps the packet filter in the kernel: loads it again whenever it is not there as it was written.

The kernel tells every change of its rules over netlink, so a wiped table is back within milliseconds. A look every
few seconds covers what a full socket buffer has swallowed. What must be there is what the network's fragment says,
so this never has an opinion of its own.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from .._controls.egress.units import FILTER_FILE
from .._controls.names import FRAGMENTS
from .._engine.errors import SandboxError
from .._system.commands import run_command
from .._system.nft import digest_table

FRAGMENT = Path(FRAGMENTS) / "12-network.json"

# linux/netlink.h and linux/netfilter/nfnetlink.h; Python's socket module has no names for them.
_NETLINK_NETFILTER = 12
_GROUP_NFTABLES = 7
# Docker changes many rules at once: let a burst pass, then look once.
_SETTLE_SECONDS = 0.02
_LOOK_SECONDS = 5.0
# Between attempts that do not help, so that a file which cannot be loaded costs nothing.
_PAUSE_SECONDS = 5.0
_PATIENT_LOOKS = 5

Digests = Mapping[tuple[str, str], str]


def subscribe() -> socket.socket:
    """A socket that becomes readable when any nftables rule of this network namespace changes."""
    events = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_NETFILTER)
    events.setblocking(False)
    events.bind((0, 1 << (_GROUP_NFTABLES - 1)))
    return events


def wait_for_change(events: socket.socket, seconds: float) -> None:
    """Returns after a change, or after `seconds` without one. Whatever has come in until then is used up."""
    if select.select([events], [], [], seconds)[0]:
        time.sleep(_SETTLE_SECONDS)
    try:
        while events.recv(65536):
            pass
    except BlockingIOError:
        return
    except OSError:
        # ENOBUFS: so much has changed that some of it is lost; the caller looks anyway.
        return


def read_expected(fragment: Path) -> Digests:
    """(family, table) to the digest of its listing. Nothing before the first converge has written it."""
    try:
        tables = json.loads(fragment.read_text(encoding="utf-8"))["nft_tables"]
    except FileNotFoundError:
        return {}
    return {(table["family"], table["name"]): table["sha256"] for table in tables}


def is_in_place(expected: Digests) -> bool:
    """True when the kernel has every table as it was written."""
    return all(digest_table(family, name) == digest for (family, name), digest in expected.items())


def mend(fragment: Path, filter_file: str) -> bool | None:
    """None when nothing had to be done, else whether it helped."""
    if is_in_place(read_expected(fragment)):
        return None
    try:
        run_command(("nft", "-f", filter_file))
    except SandboxError as error:
        tell(f"<3>filter: {filter_file} could not be loaded: {error}")
        return False
    # A converge that is under way has written the one file and is about to write the other.
    for _unused in range(_PATIENT_LOOKS):
        if is_in_place(read_expected(fragment)):
            tell("<4>filter: was not in the kernel as written, loaded again")
            return True
        time.sleep(_PAUSE_SECONDS / _PATIENT_LOOKS)
    tell(f"<3>filter: {filter_file} does not give what {fragment} expects")
    return False


def tell(line: str) -> None:
    """One line for the journal, with its priority in front as systemd reads it."""
    print(line, file=sys.stderr, flush=True)


def watch(fragment: Path, filter_file: str) -> None:
    """Does not return. Subscribes before it first looks, so that nothing falls between the two."""
    with subscribe() as events:
        while True:
            if mend(fragment, filter_file) is False:
                time.sleep(_PAUSE_SECONDS)
            wait_for_change(events, _LOOK_SECONDS)


def main(arguments: Sequence[str]) -> int:
    """Takes no arguments."""
    if arguments:
        raise SandboxError(f"watch: expected no arguments, found {arguments[0]!r}")
    watch(FRAGMENT, FILTER_FILE)
    return 0
