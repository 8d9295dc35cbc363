"""The variables of the control `agent`: what no type can say of their values."""

from __future__ import annotations

from collections.abc import Mapping

from ..checks import Check, between

CHECKS: Mapping[str, Check] = {"sandbox_agent_confirm_seconds": between(60, 86_400)}
