"""How the subcommands for operators read their arguments."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def parser(subcommand: str, description: str, flags: Sequence[str]) -> argparse.ArgumentParser:
    """A parser that knows these flags; the subcommand adds what takes a value."""
    made = argparse.ArgumentParser(prog=f"ably-sandbox {subcommand}", description=description, allow_abbrev=False)
    for flag in flags:
        made.add_argument(flag, action="store_true")
    return made
