"""The variables of the control `image`: what no type can say of their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..checks import Check, Misfit, readable
from ..problem import Problem, wrong_value
from .control import image_control

_PULLED = "a name with a digest, name@sha256: and 64 hexadecimal digits"


def _check_pulled(value: Any) -> Misfit | None:
    return readable(lambda _, name: image_control({"pull": name}), _PULLED)(value) if value else None


CHECKS: Mapping[str, Check] = {"sandbox_image_pull": _check_pulled}


def find_malformed(values: Mapping[str, Any]) -> Iterator[Problem]:
    if values.get("sandbox_image_source") == "pull" and not values.get("sandbox_image_pull"):
        yield wrong_value("sandbox_image_pull", values.get("sandbox_image_pull", ""), _PULLED)
