"""The variables of the control `apparmor`: what no type can say of their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..checks import Check, says
from .profile import parse_apparmor_policy


def _judge_executables(value: Any) -> object:
    return parse_apparmor_policy({"home_directory": "/home/ably", "executables": value, "readable_folders": []})


def _judge_folders(value: Any) -> object:
    return parse_apparmor_policy({"home_directory": "/home/ably", "executables": ["/x"], "readable_folders": value})


CHECKS: Mapping[str, Check] = {
    "sandbox_apparmor_executables": says(_judge_executables, "absolute paths of programs"),
    "sandbox_apparmor_readable_folders": says(_judge_folders, "absolute paths of folders"),
}
