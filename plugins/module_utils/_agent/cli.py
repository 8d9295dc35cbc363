"""`ably-sandbox SUBCOMMAND`: finds the subcommand's module and hands the arguments over.

A subcommand is a module of this package with `main(arguments) -> exit status`. Only the one that is asked for is
imported, which keeps the start of a session short; a module imports at its top whatever it will ever need, because
the zipapp may be replaced or removed (by a rollback, even by itself) while it runs.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

from .._engine.errors import RefusedError, SandboxError
from . import statuses

_SUBCOMMANDS = {
    "session": ("session_client", "open a session: its terminal is this one, its exit status is this program's"),
    "serve": ("serve", "serve one session; systemd starts this for each connection"),
    "watch": ("filter_watch", "keep the packet filter in the kernel; systemd starts this"),
    "status": ("status", "the level, the ledger and what has drifted"),
    "compile": ("compile", "write the agent's byte code; the role agent starts this"),
    "confirm": ("confirm", "keep what a risky control changed"),
    "revert": ("revert", "take back what is on trial; systemd starts this when nobody confirmed"),
    "seccomp-record": ("seccomp_record", "tell which system calls a command would need besides"),
    "verify": ("verify", "open one session, use it, and note that it worked"),
    "tidy": ("tidy", "remove images that no session uses any more; the last session on one starts this"),
    "rollback": ("rollback", "take the host back to a lower level, from the ledger alone"),
}

_FOR_EVERYBODY = "session"
_HELP = frozenset({"-h", "--help"})


def main(arguments: Sequence[str]) -> int:
    """Runs one subcommand and returns its exit status, one of `statuses`."""
    if not arguments or arguments[0] in {*_HELP, "help"}:
        print(_usage(), file=sys.stdout if arguments else sys.stderr)
        return 0 if arguments else statuses.USAGE
    if arguments[0] not in _SUBCOMMANDS:
        print(f"ably-sandbox: unknown subcommand {arguments[0]!r}\n{_usage()}", file=sys.stderr)
        return statuses.USAGE
    try:
        _refuse_others_than_root(*arguments)
        module = importlib.import_module(f"{__package__}.{_SUBCOMMANDS[arguments[0]][0]}")
        return int(module.main(arguments[1:]))
    except SandboxError as error:
        print(f"ably-sandbox: {error}", file=sys.stderr)
        return statuses.REFUSED if isinstance(error, RefusedError) else statuses.FAILED


def _refuse_others_than_root(subcommand: str, *options: str) -> None:
    """Raise RefusedError unless it is for everybody, only asks what there is, or is run by root.

    What stands behind `--` is another command's.
    """
    own = options[: options.index("--")] if "--" in options else options
    if subcommand != _FOR_EVERYBODY and _HELP.isdisjoint(own) and os.geteuid() != 0:
        raise RefusedError(f"{subcommand}: has to be run by root", f"sudo ably-sandbox {subcommand}")


def _usage() -> str:
    lines = [f"  {name:<16}{text}" for name, (_unused, text) in _SUBCOMMANDS.items()]
    return "\n".join(["usage: ably-sandbox SUBCOMMAND [ARGUMENTS]", "", *lines])
