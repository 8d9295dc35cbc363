"""The variables of the control `seccomp`: what no type can say of their values."""

from __future__ import annotations

from collections.abc import Mapping

from ..checks import Check, says
from .profile import parse_additional

CHECKS: Mapping[str, Check] = {"sandbox_seccomp_additional": says(parse_additional, "names of system calls")}
