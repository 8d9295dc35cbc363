"""From the parameters of `session_proof` to the host's own `ably-sandbox verify`, and from its report to one error."""

from __future__ import annotations

import json
from collections.abc import Sequence

from .._controls.egress.probe import choose_name
from .._controls.names import AGENT_FILE
from .._engine.errors import VerificationError
from .._system.commands import run_command

# A minute for a full house, three for a session to open, one for it to end; the gateway's answers.
_SECONDS = 360.0
_STATUSES = (0, 1, 75)


def prove_session(name: str, allowed_names: Sequence[str], level: int) -> str:
    """What did not answer beyond the host. VerificationError when no session opens, or it cannot be used."""
    chosen, is_greeted = choose_name(name, allowed_names)
    command = (AGENT_FILE, "verify", "--json", *(() if is_greeted else ("--lookup-only",)), chosen)
    result = run_command(command, accept=_STATUSES, timeout=_SECONDS)
    try:
        report = json.loads(result.out)
    except ValueError:
        raise VerificationError(f"{' '.join(command)}: {result.err.strip() or 'it said nothing'}") from None
    if report["status"] == 0:
        return str(report["warning"])
    next_step = f"{report['next_step']}; " if report["next_step"] else ""
    raise VerificationError(
        f"no session can be used on this host: {report['reason']}",
        f"{next_step}the changes stay; to take them back, on the host: ably-sandbox rollback --to-level {level - 1}",
    )
