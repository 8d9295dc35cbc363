"""What a variable's value has to be beyond its type: each check returns what does not fit, or None."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from .._engine.errors import SandboxError
from .container import fields as read


class Misfit(NamedTuple):
    """`value`: what does not fit, at this `place` in the variable's value, such as `[0]`."""

    expected: str
    value: object
    place: str = ""


Check = Callable[[Any], "Misfit | None"]

LAST_ID = 65535
FIRST_ID = 1000
# Above are nobody's, and one that the kernel takes for none.
LAST_GID = 65533


def between(least: int, most: int) -> Check:
    """A whole number; text that is one comes from the command line and from templates."""

    def check(value: Any) -> Misfit | None:
        is_fine = re.fullmatch(r"\d+", str(value)) and not isinstance(value, bool) and least <= int(value) <= most
        return None if is_fine else Misfit(f"a whole number from {least} to {most}", value)

    return check


def readable(reader: Callable[[str, object], object], expected: str) -> Check:
    """What one of the readers of the session's specification takes."""

    def check(value: Any) -> Misfit | None:
        try:
            reader("", value)
        except SandboxError:
            return Misfit(expected, value)
        return None

    return check


def each(item_check: Callable[[Any], bool], expected: str) -> Check:
    def check(value: Any) -> Misfit | None:
        if not isinstance(value, (list, tuple)):
            return Misfit(expected, value)
        wrong = (place for place, item in enumerate(value) if not item_check(item))
        return next((Misfit(expected, value[place], f"[{place}]") for place in wrong), None)

    return check


def says(judge: Callable[[Any], object], expected: str) -> Check:
    """What the control itself would say of a list of texts."""

    def check(value: Any) -> Misfit | None:
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            return Misfit(expected, value)
        try:
            judge(value)
        except SandboxError as error:
            return Misfit(error.message, value)
        return None

    return check


SIZE = readable(read.read_size, "a size such as 64m")
PATH = readable(read.read_path, "an absolute path")
CPUS = readable(read.read_nano_cpus, "processors, such as 0.5")
