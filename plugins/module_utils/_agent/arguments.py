"""How the subcommands for operators read their arguments."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from . import statuses


class _Parser(argparse.ArgumentParser):
    """With our own exit status for a usage error: argparse's is 2, which says something else here."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(statuses.USAGE, f"{self.prog}: {message}\n")


def parser(subcommand: str, description: str, flags: Sequence[str]) -> argparse.ArgumentParser:
    """A parser that knows these flags; the subcommand adds what takes a value."""
    made = _Parser(prog=f"ably-sandbox {subcommand}", description=description, allow_abbrev=False)
    for flag in flags:
        made.add_argument(flag, action="store_true")
    return made
