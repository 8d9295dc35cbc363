"""`ably-sandbox confirm`: what a risky control changed stays."""

from __future__ import annotations

from collections.abc import Sequence

from .._engine.engine import Engine
from .._system.local_host import LocalHost
from .._system.store import LedgerStore
from .arguments import parser


def main(arguments: Sequence[str]) -> int:
    """0 when nothing is on trial any more."""
    about = "Keep what a risky control changed. Refused over a connection that is older than that."
    parser("confirm", about, ()).parse_args(arguments)
    owner = Engine(LocalHost(), LedgerStore()).confirm()
    print(f"{owner}: confirmed" if owner else "nothing is on trial")
    return 0
