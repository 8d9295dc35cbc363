"""`ably-sandbox rollback`: down to a level from the ledger alone, with no controller in reach."""

from __future__ import annotations

from collections.abc import Sequence

from .._controls.registry import LEVELS
from .._controls.unknown import check_control
from .._engine.changes import Outcome
from .._engine.diffs import describe_change
from .._engine.engine import Engine, RollbackWish
from .._engine.errors import RefusedError
from .._system.local_host import LocalHost
from .._system.store import LedgerStore
from . import statuses
from .arguments import parser


def main(arguments: Sequence[str]) -> int:
    """0 when the host is back at the level, 3 when something of others' was left alone, which is then named."""
    options_parser = parser("rollback", "Restore what the phases above a level changed.", ("--check", "--force"))
    options_parser.add_argument("--to-level", type=int, required=True, choices=LEVELS)
    options_parser.add_argument("--packages", action="store_true", help="remove the packages that we installed")
    options_parser.add_argument("--control", help="only this control")
    options = options_parser.parse_args(arguments)
    try:
        check_control(options.control)
    except RefusedError as error:
        options_parser.error(str(error))
    wish = RollbackWish(options.to_level, options.control, options.force, lasting=options.packages)
    outcomes = Engine(LocalHost(), LedgerStore()).roll_back(wish, check_only=options.check)
    print("\n".join(line for outcome in outcomes for line in render_outcome(outcome)) or "nothing to roll back")
    return statuses.KEPT if any(outcome.kept for outcome in outcomes) else statuses.OK


def render_outcome(outcome: Outcome) -> list[str]:
    """What was restored, made live again, and left alone, a line each."""
    return [
        f"{outcome.owner}:",
        *(f"  {describe_change(change)}" for change in outcome.plan.changes),
        *(f"  {activation}" for activation in outcome.plan.activations),
        *(f"  kept: {text}" for text in outcome.kept),
    ]
