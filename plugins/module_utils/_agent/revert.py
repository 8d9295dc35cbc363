"""`ably-sandbox revert`: takes back what a risky control changed and nobody confirmed."""

from __future__ import annotations

import time
from collections.abc import Sequence

from .._engine.engine import Engine
from .._system.local_host import LocalHost
from .._system.store import LedgerStore
from . import statuses
from .arguments import parser
from .rollback import render_outcome

# A run that works holds the host for minutes. When it goes on trial it starts the countdown anew, and ends this one.
_LONG_PATIENCE = 900.0


def main(arguments: Sequence[str]) -> int:
    """0 when nothing is on trial any more, 3 when something of others' was left alone, which is then named."""
    options_parser = parser("revert", "Take back what is on trial.", ())
    options_parser.add_argument("--after", type=int, default=0, metavar="SECONDS", help="time to confirm until then")
    options = options_parser.parse_args(arguments)
    engine = Engine(LocalHost(), LedgerStore(patience=_LONG_PATIENCE) if options.after else LedgerStore())
    if options.after and engine.is_on_trial:
        time.sleep(options.after)
    outcome = engine.revert()
    if outcome is None:
        print("nothing is on trial")
        return 0
    print("\n".join([f"taken back, because nobody confirmed it: {outcome.owner}", *render_outcome(outcome)]))
    return statuses.KEPT if outcome.kept else statuses.OK
