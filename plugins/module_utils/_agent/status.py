"""`ably-sandbox status`: the level, the controls, and what is no longer as it was written."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from .._engine.errors import SandboxError
from .._system.local_host import LocalHost
from .._system.status import Status, read_status
from .._system.store import LedgerStore
from . import statuses
from .arguments import parser


def main(arguments: Sequence[str]) -> int:
    """0 when everything is as it was written, 1 when something drifted or a run was cut off, 2 when nobody can say."""
    options = parser("status", "Tell the level of this host and what drifted.", ("--json",)).parse_args(arguments)
    try:
        status = read_status(LocalHost(), LedgerStore())
    except SandboxError as error:
        print(f"ably-sandbox: {error}", file=sys.stderr)
        return statuses.UNSEEN
    print(json.dumps(asdict(status), indent=2) if options.json else render_status(status))
    return statuses.FAILED if status.drift or status.unfinished else statuses.OK


def _render_proof(status: Status) -> Iterator[str]:
    if status.unproven:
        yield f"unproven:   since {status.unproven} no session was opened; run the playbook, or ably-sandbox verify"
    if status.proven:
        yield f"proven:     a session was opened and used at {status.proven}"
    if status.warning:
        yield f"warning:    {status.warning}"


def _render_lacking(status: Status) -> str:
    return f", without {', '.join(status.lacking)}; run the playbook to complete it" if status.lacking else ""


def render_status(status: Status) -> str:
    lines = [
        f"level:      {status.level}{_render_lacking(status)}",
        f"controls:   {', '.join(status.applied) or 'none'}",
        f"remembered: {status.resources} resources",
        *(f"unfinished: {owner}; run the playbook or the rollback again" for owner in status.unfinished),
        *([f"on trial:   {status.on_trial}; run ably-sandbox confirm, or it is taken back"] if status.on_trial else []),
        *_render_proof(status),
        *(f"drift:      {drift}" for drift in status.drift),
    ]
    return "\n".join(lines)
