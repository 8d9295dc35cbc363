"""What a variable's value has to be beyond its type: each check returns what was expected, or None."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .._engine.errors import SandboxError
from .container import fields as read

Check = Callable[[Any], "str | None"]

LAST_ID = 65535
FIRST_ID = 1000
# Above are nobody's, and one that the kernel takes for none.
LAST_GID = 65533


def between(least: int, most: int) -> Check:
    """A whole number; text that is one comes from the command line and from templates."""

    def check(value: Any) -> str | None:
        is_fine = re.fullmatch(r"\d+", str(value)) and not isinstance(value, bool) and least <= int(value) <= most
        return None if is_fine else f"a whole number from {least} to {most}"

    return check


def readable(reader: Callable[[str, object], object], expected: str) -> Check:
    """What one of the readers of the session's specification takes."""

    def check(value: Any) -> str | None:
        try:
            reader("", value)
        except SandboxError:
            return expected
        return None

    return check


def each(item_check: Callable[[Any], bool], expected: str) -> Check:
    def check(value: Any) -> str | None:
        is_fine = isinstance(value, (list, tuple)) and all(item_check(item) for item in value)
        return None if is_fine else expected

    return check


def says(judge: Callable[[Any], object], expected: str) -> Check:
    """What the control itself would say of a list of texts."""

    def check(value: Any) -> str | None:
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            return expected
        try:
            judge(value)
        except SandboxError as error:
            return error.message
        return None

    return check


SIZE = readable(read.read_size, "a size such as 64m")
PATH = readable(read.read_path, "an absolute path")
CPUS = readable(read.read_nano_cpus, "processors, such as 0.5")
