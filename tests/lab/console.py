"""What the lab says while it works: one line a step, with the seconds since the start."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

_STARTED = time.monotonic()


class LabError(Exception):
    """Something the lab cannot go on with: a message, and what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def say(text: str) -> None:
    """Print a progress line to stderr: stdout belongs to the verb's own answer."""
    print(f"[lab {time.monotonic() - _STARTED:6.1f}s] {text}", file=sys.stderr, flush=True)


def wait_for(what: str, is_there: Callable[[], bool], *, seconds: float, every: float = 0.5) -> None:
    """Poll until `is_there()`; a line every ten seconds shows that the wait is alive. LabError after `seconds`."""
    started = last_said = time.monotonic()
    while not is_there():
        now = time.monotonic()
        if now - started > seconds:
            raise LabError(f"{what}: nothing after {seconds:.0f} s", "read the console log named by `status`")
        if now - last_said >= 10:
            say(f"still waiting for {what}")
            last_said = now
        time.sleep(every)
