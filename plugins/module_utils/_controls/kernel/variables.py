"""The variables of the control `kernel`: what no type can say of their values."""

from __future__ import annotations

from collections.abc import Mapping

from ..checks import Check, each
from .items import ITEMS

_IS_ITEM = each(lambda name: name in ITEMS, f"names of items: {', '.join(ITEMS)}")

CHECKS: Mapping[str, Check] = {"sandbox_kernel_left_out": _IS_ITEM, "sandbox_kernel_confirmed": _IS_ITEM}
