"""The variables of the control `program`: what no type can say of their values."""

from __future__ import annotations

from collections.abc import Mapping

from ..checks import Check, between

CHECKS: Mapping[str, Check] = {"sandbox_program_confirm_seconds": between(60, 86_400)}
